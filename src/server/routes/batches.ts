import type { FastifyInstance } from 'fastify';
import { ApiError, notFound } from '../errors.ts';
import type { Batch } from '../store/batches.ts';
import { toLockName } from '../uploads/sessions.ts';
import { answer, type Context } from './context.ts';

/** A batch as the API shows it. */
export function toBatchJson(batch: Batch): Record<string, unknown> {
  return {
    batch_id: batch.batchId,
    upload_type: batch.uploadType,
    task_id: batch.taskId,
    notes: batch.notes,
    profile_id: batch.profileId,
    ...(batch.key !== null && { idempotency_key: batch.key }),
    created_at: new Date(batch.createdAt).toISOString(),
    files: batch.files.map(({ name, sizeBytes, sha256 }) => ({ name, size_bytes: sizeBytes, sha256 })),
  };
}

/** The routes that show what arrived: the caller's own, and nothing else exists. */
export function batchRoutes(app: FastifyInstance, context: Context): void {
  const { auth, batches, locks } = context;
  const none = () => notFound('batch_not_found', 'There is no such batch.');

  app.get<{ Querystring: { idempotency_key?: string } }>('/batches', async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    const { idempotency_key: key } = request.query;
    const list = async () => batches.list(ownerId).filter((batch) => key === undefined || batch.key === key);
    // One that is just being made is waited for: whoever asks by a key wants to know whether the upload has arrived.
    const own = await (key === undefined ? list() : locks.run(toLockName(ownerId, key, key), list));
    return answer(context, request, reply, { batches: own.map(toBatchJson) });
  });

  app.get<{ Params: { id: string } }>('/batches/:id', async (request, reply) => {
    const batch = batches.get(await auth.authenticate(request.headers.authorization), request.params.id);
    if (!batch) throw none();
    return answer(context, request, reply, toBatchJson(batch));
  });

  app.get<{ Params: { id: string; n: string } }>('/batches/:id/files/:n', async (request, reply) => {
    const batch = batches.get(await auth.authenticate(request.headers.authorization), request.params.id);
    const file = /^\d+$/.test(request.params.n) ? batch?.files[Number(request.params.n)] : undefined;
    if (!file) throw none();
    const range = parseRange(request.headers.range, file.sizeBytes);
    const { start, end } = range ?? { start: 0, end: file.sizeBytes };
    if (start >= end && range) {
      reply.header('Content-Range', `bytes */${file.sizeBytes}`);
      throw new ApiError(416, 'bad_range', `The file has ${file.sizeBytes} bytes.`);
    }
    if (range) reply.code(206).header('Content-Range', `bytes ${start}-${end - 1}/${file.sizeBytes}`);
    return reply
      .headers({
        'Accept-Ranges': 'bytes',
        'Content-Length': end - start,
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': toContentDisposition(file.name),
        'Cache-Control': 'private, no-store',
      })
      .send(batches.read(file, start, end));
  });
}

/**
 * One range of bytes, `[start, end)` (RFC 9110, 14.1.2); several at once are not needed to resume a download.
 *
 * @returns undefined for what is no such range: "An origin server MUST ignore a Range header field that contains a range unit it
 *   does not understand". An empty one cannot be satisfied.
 */
function parseRange(header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return { start: Math.max(0, sizeBytes - Number(to)), end: sizeBytes };
  if (to === '') return { start: Number(from), end: sizeBytes };
  if (Number(to) < Number(from)) return undefined;
  return { start: Number(from), end: Math.min(Number(to) + 1, sizeBytes) };
}

/** The name as it was given, but for what could make a path of it or hide its ending (RFC 6266, RFC 5987). */
function toContentDisposition(name: string): string {
  const safe = name.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\]/gu, '_');
  const encoded = encodeURIComponent(safe).replace(/['()*]/g, percentEncoded);
  return `attachment; filename="file"; filename*=UTF-8''${encoded}`;
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
