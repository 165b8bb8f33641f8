import type { FastifyInstance } from 'fastify';
import { badField } from '../errors.ts';
import type { IncomingChunk, SessionIdentity } from '../uploads/incoming-chunks.ts';
import type { SessionProgress } from '../uploads/session-progress.ts';
import type { UploadContext } from './api-context.ts';

const PATH = '/batches/upload-chunk/:id';

/** Queries and discards a session. Not part of the basic level. */
export function sessionRoutes(api: FastifyInstance, { auth, uploads, incoming }: UploadContext): void {
  const identify = async (ownerId: string, id: string): Promise<SessionIdentity> => {
    const { key, generation } = await uploads.getProgress(ownerId, id);
    return { id, ownerId, key, generation };
  };

  api.get<{ Params: { id: string }; Querystring: { cut?: unknown } }>(PATH, async (request, reply) => {
    const ownerId = await auth.authenticate(request);
    const { id } = request.params;
    const { cut } = request.query;
    if (cut !== undefined) {
      const indices = parseIndices(cut);
      await incoming.cut(await identify(ownerId, id), (index) => indices.includes(index));
    }
    const progress = await uploads.getProgress(ownerId, id);
    const { key, generation } = progress;
    const receiving = incoming.list({ id, ownerId, key, generation });
    return reply.sendWithFeatures({
      upload_id: id,
      ...toProgressJson(progress),
      receiving: receiving.map(toIncomingJson),
    });
  });

  api.delete<{ Params: { id: string } }>(PATH, async (request, reply) => {
    const ownerId = await auth.authenticate(request);
    const { id } = request.params;
    // Otherwise the bytes of a request that is cut later would open another session of the key.
    await incoming.cut(await identify(ownerId, id), () => true);
    await uploads.discardSession(ownerId, id);
    return reply.code(204).send();
  });
}

function toProgressJson({ generation, totalChunks, received, receivedBytes, partials, batch }: SessionProgress) {
  return {
    generation,
    total_chunks: totalChunks,
    received,
    received_bytes: receivedBytes,
    partial: partials.map(({ index, offset, sizeBytes, sha256 }) => {
      return { chunk_index: index, offset, size_bytes: sizeBytes, sha256 };
    }),
    ...(batch && { batch_id: batch.batchId }),
  };
}

function toIncomingJson({ fields, part }: IncomingChunk) {
  return { chunk_index: fields.index, size_bytes: part.sizeBytes };
}

/** @param value chunk indices with commas between them. */
function parseIndices(value: unknown): number[] {
  if (typeof value !== 'string' || !/^\d{1,15}(,\d{1,15})*$/.test(value)) throw badField('cut', 'is not valid');
  return value.split(',').map(Number);
}
