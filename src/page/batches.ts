import * as v from 'valibot';
import type { ApiRequests } from './api-requests.ts';

const fileSchema = v.object({
  name: v.string(),
  path: v.optional(v.nullable(v.string())),
  size_bytes: v.number(),
  sha256: v.nullable(v.string()),
});
const filesSchema = v.object({ files: v.array(fileSchema) });
const batchSchema = v.object({ batch_id: v.string(), file_count: v.optional(v.number()), ...filesSchema.entries });

/** A file of a batch. `sha256` is null until the server has read the whole file. */
export type BatchFile = v.InferOutput<typeof fileSchema>;

/**
 * A batch as the server describes it: with all of its files, or with the first ones and
 * `file_count`.
 */
export type BatchView = v.InferOutput<typeof batchSchema>;

/**
 * The signed-in user's batches, on servers that list them.
 *
 * Every method throws UploadError `refused` if the server does not, `no_token`, and the codes of a
 * server that gives no answer: `network`, `network_sign_in`, `gateway_error` and `server_busy`.
 */
export class Batches {
  readonly #api: ApiRequests;

  constructor(api: ApiRequests) {
    this.#api = api;
  }

  /** Reads one batch; throws UploadError `bad_response` too. */
  get(batchId: string): Promise<BatchView> {
    return this.#api.read(batchSchema, createBatchPath(batchId));
  }

  /** Reads at most `limit` files of a batch from a position on; throws UploadError like `get`. */
  async listFiles(batchId: string, from: number, limit: number): Promise<BatchFile[]> {
    const query = new URLSearchParams({ from: String(from), limit: String(limit) });
    return (await this.#api.read(filesSchema, `${createBatchPath(batchId)}/files?${query}`)).files;
  }

  /** Downloads the file at position `n` of a batch, counted from 0. */
  async download(batchId: string, n: number): Promise<Blob> {
    return (await this.#api.send(`${createBatchPath(batchId)}/files/${n}`)).blob();
  }
}

function createBatchPath(batchId: string): string {
  return `/batches/${encodeURIComponent(batchId)}`;
}
