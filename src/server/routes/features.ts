import type { FastifyInstance, FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyReply {
    /** Sends JSON with the list of extensions; the basic level has no list. */
    sendWithFeatures(body: Record<string, unknown>): FastifyReply;
  }
}

/** The extensions that this server supports. */
const FEATURES: readonly string[] = [
  'idempotency_key',
  'generation',
  'chunk_offset',
  'parallel_start',
  'encoded_filename',
  'file_size',
  'chunk_sha256',
  'ticket',
  'status',
  'received_ms',
  'recut',
  'partial',
  'receiving',
  'file_list',
  'bundle',
  'batch_pages',
  'batch_delete',
  'guest_links',
];

export function decorateWithFeatures(api: FastifyInstance, hasExtensions: boolean): void {
  api.decorateReply('sendWithFeatures', function (this: FastifyReply, body: Record<string, unknown>) {
    return this.send(hasExtensions ? { ...body, features: FEATURES } : body);
  });
}
