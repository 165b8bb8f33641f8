import type { FastifyInstance } from 'fastify';
import { notFound } from '../errors.ts';
import type { IncomingBytes } from '../uploads/incoming-chunks.ts';
import type { ApiContext } from './api-context.ts';
import { toBatchJson } from './batch-json.ts';
import { sendFile } from './download.ts';

/** Lists and downloads the caller's batches. Not part of the basic level. */
export function batchRoutes(api: FastifyInstance, { auth, uploads, incoming, bytes, fieldRules }: ApiContext): void {
  const { uploadTypes } = fieldRules;
  const batchNotFound = () => notFound('batch_not_found', 'There is no such batch. List the batches.');

  api.get<{ Querystring: { idempotency_key?: string } }>('/batches', async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    const { idempotency_key: key } = request.query;
    const batches = await uploads.listBatches(ownerId, key);
    return reply.sendWithFeatures({
      batches: batches.map((batch) => toBatchJson(batch, uploadTypes)),
      ...(key !== undefined && { receiving: incoming.listByKey(ownerId, key).map(toIncomingJson) }),
    });
  });

  api.get<{ Params: { id: string } }>('/batches/:id', async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    const batch = await uploads.findBatch(ownerId, request.params.id);
    if (!batch) throw batchNotFound();
    return reply.sendWithFeatures(toBatchJson(batch, uploadTypes));
  });

  api.get<{ Params: { id: string; n: string } }>('/batches/:id/files/:n', async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    const { id, n } = request.params;
    const batch = await uploads.findBatch(ownerId, id);
    const file = /^\d+$/.test(n) ? batch?.files[Number(n)] : undefined;
    if (!file) throw batchNotFound();
    return sendFile(reply, bytes, file, request.headers.range);
  });
}

function toIncomingJson({ generation, index, sizeBytes }: IncomingBytes) {
  return { ...(generation !== null && { generation }), chunk_index: index, size_bytes: sizeBytes };
}
