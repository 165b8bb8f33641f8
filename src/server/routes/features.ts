import type { FastifyInstance, FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyReply {
    /** Sends JSON with the extensions and the largest upload; the basic level lists neither. */
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
  'max_upload_bytes',
];

export function decorateWithFeatures(api: FastifyInstance, hasExtensions: boolean, maxUploadBytes: number): void {
  const listed = hasExtensions ? { features: FEATURES, max_upload_bytes: maxUploadBytes } : {};
  api.decorateReply('sendWithFeatures', function (this: FastifyReply, body: Record<string, unknown>) {
    return this.send({ ...body, ...listed });
  });
}
