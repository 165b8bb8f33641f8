import * as v from 'valibot';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';

const batchSchema = v.object({
  batch_id: v.string(),
  files: v.array(v.object({ name: v.string(), size_bytes: v.number(), sha256: v.nullable(v.string()) })),
});

/** A batch as an exact-level server shows it; `sha256` is null until the server has read the file through. */
export type BatchView = v.InferOutput<typeof batchSchema>;

/**
 * What of the signed-in user has arrived, where the server shows it.
 *
 * Each call throws UploadError `refused` where it does not, `network` and `no_token`.
 */
export class Batches {
  readonly #db: UploadsDb;
  readonly #renewCredentials: () => Promise<void>;

  /** @param renew replaces a token that ran out. */
  constructor(db: UploadsDb, renew: () => Promise<void>) {
    this.#db = db;
    this.#renewCredentials = renew;
  }

  /** What became of an upload; throws UploadError `bad_answer` too. */
  async get(batchId: string): Promise<BatchView> {
    const response = await this.#fetch(createBatchPath(batchId));
    const read = v.safeParse(batchSchema, await response.json().catch(() => null));
    if (read.success) return read.output;
    throw new UploadError('bad_response', 'The server answered in a way that is not understood.');
  }

  /** The bytes of its file `n`, counted from 0. */
  async download(batchId: string, n: number): Promise<Blob> {
    return (await this.#fetch(`${createBatchPath(batchId)}/files/${n}`)).blob();
  }

  async #fetch(path: string): Promise<Response> {
    let response = await this.#request(path);
    if (response.status === 401) {
      // A token lasts minutes, a page stays open for hours.
      await this.#renewCredentials();
      response = await this.#request(path);
    }
    if (response.ok) return response;
    throw new UploadError('refused', `This server does not show it (${response.status}).`, { status: response.status });
  }

  async #request(path: string): Promise<Response> {
    const [endpoint, token] = await Promise.all([this.#db.settings.getEndpoint(), this.#db.settings.getCredentials()]);
    if (!endpoint || !token) throw new UploadError('no_token', 'No authentication token found');
    const headers = { Authorization: `Bearer ${token.accessToken}` };
    // A redirect would carry the token to a place nobody configured.
    return fetch(`${endpoint.api}${path}`, { headers, redirect: 'error' }).catch((cause: unknown) => {
      throw new UploadError('network', 'The server could not be reached.', { cause });
    });
  }
}

function createBatchPath(batchId: string): string {
  return `/batches/${encodeURIComponent(batchId)}`;
}
