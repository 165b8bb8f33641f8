import type { FastifyInstance } from 'fastify';
import type { Batch } from './batches.ts';
import { answer, type Context } from './context.ts';
import { ApiError, notFound } from './errors.ts';

/** A batch as the API shows it. */
export function viewOf(batch: Batch): Record<string, unknown> {
  return {
    batch_id: batch.batchId,
    upload_type: batch.uploadType,
    task_id: batch.taskId,
    notes: batch.notes,
    profile_id: batch.profileId,
    created_at: new Date(batch.createdAt).toISOString(),
    files: batch.files.map(({ name, sizeBytes, sha256 }) => ({ name, size_bytes: sizeBytes, sha256 })),
  };
}

/** The routes that show what arrived: the caller's own, and nothing else exists. */
export function batchRoutes(app: FastifyInstance, context: Context): void {
  const { auth, batches } = context;
  const none = () => notFound('batch_not_found', 'There is no such batch.');

  app.get<{ Querystring: { idempotency_key?: string } }>('/batches', async (request, reply) => {
    const ownerId = await auth.userOf(request.headers.authorization);
    const { idempotency_key: key } = request.query;
    const own = batches.list(ownerId).filter((batch) => key === undefined || batch.key === key);
    return answer(context, request, reply, { batches: own.map(viewOf) });
  });

  app.get<{ Params: { id: string } }>('/batches/:id', async (request, reply) => {
    const batch = batches.get(await auth.userOf(request.headers.authorization), request.params.id);
    if (!batch) throw none();
    return answer(context, request, reply, viewOf(batch));
  });

  app.get<{ Params: { id: string; n: string } }>('/batches/:id/files/:n', async (request, reply) => {
    const batch = batches.get(await auth.userOf(request.headers.authorization), request.params.id);
    const file = batch?.files[Number(request.params.n)];
    if (!file) throw none();
    const { start, end } = rangeOf(request.headers.range, file.sizeBytes);
    const isPart = request.headers.range !== undefined;
    if (isPart) reply.code(206).header('Content-Range', `bytes ${start}-${end - 1}/${file.sizeBytes}`);
    return reply
      .headers({
        'Accept-Ranges': 'bytes',
        'Content-Length': end - start,
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name).replace(/['()*]/g, percentEncoded)}`,
        'Cache-Control': 'private, no-store',
      })
      .send(batches.read(file, start, end));
  });
}

/** One range of bytes, `[start, end)` (RFC 9110, 14.1.2); several at once are not needed to resume a download. */
function rangeOf(header: string | undefined, sizeBytes: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: sizeBytes };
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? sizeBytes : Math.min(Number(to) + 1, sizeBytes);
  if ((from === '' && to === '') || start >= end) {
    throw new ApiError(416, 'bad_range', `The file has ${sizeBytes} bytes.`);
  }
  return { start, end };
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
