import type { FastifyInstance } from 'fastify';
import type { AuthorizedRequest } from '../auth/auth.ts';
import type { Batch } from '../store/upload-store.ts';
import { batchNotFound } from '../uploads/clean-up.ts';
import { countFiles } from '../uploads/file-lists.ts';
import type { IncomingBytes } from '../uploads/incoming-chunks.ts';
import type { ApiContext } from './api-context.ts';
import { toBatchJson, toFileJson } from './batch-json.ts';
import { isCount, type ListQuery, parseCount, parseCursor, parseLimit, readPage } from './batch-pages.ts';
import { sendFile } from './download.ts';
import { sendZip } from './zip.ts';

const MAX_PAGE = 1000;

interface Lookup {
  readonly Params: { readonly id: string };
}

/** Lists, downloads and deletes the caller's batches. Not part of the basic level. */
export function batchRoutes(
  api: FastifyInstance,
  { auth, uploads, cleanUp, incoming, fileLists, fieldRules }: ApiContext,
): void {
  const json = { fileLists, uploadTypes: fieldRules.uploadTypes };

  const findBatch = async (request: AuthorizedRequest, id: string): Promise<Batch> => {
    const batch = await uploads.findBatch(await auth.authenticate(request), id);
    if (!batch) throw batchNotFound();
    return batch;
  };

  api.get<{ Querystring: ListQuery }>('/batches', async (request, reply) => {
    const ownerId = await auth.authenticate(request);
    const { idempotency_key: key, cursor, limit } = request.query;
    if (key === undefined) {
      const position = cursor === undefined ? undefined : parseCursor(cursor);
      return reply.sendWithFeatures(await readPage(uploads.listBatches(ownerId, position), parseLimit(limit), json));
    }
    const batch = await uploads.findBatchByKey(ownerId, key);
    const batches = batch ? [await toBatchJson(batch, json)] : [];
    return reply.sendWithFeatures({ batches, receiving: incoming.listByKey(ownerId, key).map(toIncomingJson) });
  });

  api.delete<Lookup>('/batches/:id', async (request, reply) => {
    const ownerId = await auth.authenticate(request);
    await cleanUp.deleteBatch(ownerId, request.params.id);
    return reply.code(204).send();
  });

  api.get<Lookup>('/batches/:id', async (request, reply) => {
    const batch = await findBatch(request, request.params.id);
    return reply.sendWithFeatures(await toBatchJson(batch, json));
  });

  api.get<Lookup & { Querystring: { from?: string; limit?: string } }>('/batches/:id/files', async (request, reply) => {
    const batch = await findBatch(request, request.params.id);
    const [from, limit] = [
      parseCount('from', request.query.from, 0),
      parseCount('limit', request.query.limit, MAX_PAGE),
    ];
    const files = await fileLists.read(batch, from, Math.min(limit, MAX_PAGE));
    return reply.sendWithFeatures({ files: files.map(toFileJson), file_count: countFiles(batch) });
  });

  api.get<{ Params: { id: string; n: string } }>('/batches/:id/files/:n', async (request, reply) => {
    const { id, n } = request.params;
    const batch = await findBatch(request, id);
    const [file] = isCount(n) ? await fileLists.read(batch, Number(n), 1) : [];
    if (!file) throw batchNotFound();
    const open = (start: number, end: number) => fileLists.open(batch, file, start, end);
    return sendFile(reply, { ...file, open }, request.headers.range);
  });

  api.get<Lookup>('/batches/:id/zip', async (request, reply) => {
    const batch = await findBatch(request, request.params.id);
    return sendZip(reply, batch, fileLists);
  });
}

/** The JSON of the bytes that a request in progress has brought. */
export function toIncomingJson({ generation, index, sizeBytes }: IncomingBytes) {
  return { ...(generation !== null && { generation }), chunk_index: index, size_bytes: sizeBytes };
}
