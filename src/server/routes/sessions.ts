import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './api-context.ts';

const PATH = '/batches/upload-chunk/:id';

/** Queries and discards a session. Not part of the basic level. */
export function sessionRoutes(api: FastifyInstance, { auth, uploads }: ApiContext): void {
  api.get<{ Params: { id: string } }>(PATH, async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    const { id } = request.params;
    const { generation, totalChunks, received, receivedBytes, batch } = await uploads.getProgress(ownerId, id);
    return reply.sendWithFeatures({
      upload_id: id,
      generation,
      total_chunks: totalChunks,
      received,
      received_bytes: receivedBytes,
      ...(batch && { batch_id: batch.batchId }),
    });
  });

  api.delete<{ Params: { id: string } }>(PATH, async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    await uploads.discardSession(ownerId, request.params.id);
    return reply.code(204).send();
  });
}
