import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badBundle, toApiError } from '../errors.ts';
import { BUNDLE_FIELDS, BundleParts } from '../multipart/bundle-parts.ts';
import { readForm } from '../multipart/read-form.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import { type BundledUpload, parseBundle, parseBundledUpload } from '../uploads/bundle-form.ts';
import type { ApiContext } from './api-context.ts';

/** So many uploads of a bundle wait for the disk at once. */
const CONCURRENCY = 8;

/** Receives many whole uploads in one request. Not part of the basic level. */
export function bundleRoutes(api: FastifyInstance, context: ApiContext): void {
  const { auth, uploads, bytes, fieldRules, maxBodyBytes } = context;

  api.post('/batches/upload-bundle', async (request, reply) => {
    const ownerId = await auth.authenticate(request);
    const parts = new BundleParts(bytes, parseBundle);
    const form = await readForm(request.raw, { bytes: parts, maxBytes: maxBodyBytes });
    try {
      const isBundle = form.files.map(({ field }) => field).join() === BUNDLE_FIELDS.join();
      if (!isBundle) throw badBundle(`its file parts must be ${BUNDLE_FIELDS.join(' and ')}`);
      const results = await mapAtOnce(await parts.getUploads(), CONCURRENCY, async ([upload, blob]) => {
        const result = await receive(request, ownerId, upload, blob);
        return { idempotency_key: upload.key, ...result };
      });
      return reply.sendWithFeatures({ results, received_ms: form.receivedMs });
    } finally {
      await form.dispose();
    }
  });

  async function receive(request: FastifyRequest, ownerId: string, upload: BundledUpload, blob: ReceivedBlob) {
    try {
      const { fields, file } = parseBundledUpload(upload, blob, fieldRules);
      return { batch_id: (await uploads.receiveFiles(ownerId, fields, [file])).batchId };
    } catch (error) {
      const { status, code, message } = toApiError(error);
      if (status >= 500) request.log.error(error);
      return { error: code, message, status };
    }
  }
}

/** Runs `work` on all items, on at most `limit` of them at once. */
async function mapAtOnce<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const run = async () => {
    for (const [n, item] of queue) results[n] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, run));
  return results;
}
