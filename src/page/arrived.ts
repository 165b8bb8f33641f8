import * as v from 'valibot';
import { UploadError } from '../shared/errors.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

const batch = v.object({
  batch_id: v.string(),
  files: v.array(v.object({ name: v.string(), size_bytes: v.number(), sha256: v.nullable(v.string()) })),
});

/** A batch as an exact-level server shows it; `sha256` is null until the server has read the file through. */
export type BatchView = v.InferOutput<typeof batch>;

/** The database with endpoint and token, and how a token that ran out is replaced. */
export interface Access {
  readonly db: UploadsDb;
  readonly renew: () => Promise<void>;
}

/** Reads a batch of the signed-in user; throws UploadError `refused` when the server does not show batches. */
export async function readBatch(access: Access, batchId: string): Promise<BatchView> {
  const response = await get(access, batchPath(batchId));
  const read = v.safeParse(batch, await response.json().catch(() => null));
  if (read.success) return read.output;
  throw new UploadError('bad_answer', 'The server answered in a way that is not understood.');
}

/** The bytes of one file of a batch. */
export async function downloadFile(access: Access, batchId: string, n: number): Promise<Blob> {
  return (await get(access, `${batchPath(batchId)}/files/${n}`)).blob();
}

async function get(access: Access, path: string): Promise<Response> {
  let response = await request(access.db, path);
  if (response.status === 401) {
    // A token lasts minutes, a page stays open for hours.
    await access.renew();
    response = await request(access.db, path);
  }
  if (response.ok) return response;
  throw new UploadError('refused', `This server does not show it (${response.status}).`, { status: response.status });
}

async function request(db: UploadsDb, path: string): Promise<Response> {
  const [endpoint, token] = await Promise.all([db.endpoint(), db.token()]);
  if (!endpoint || !token) throw new UploadError('no_token', 'No authentication token found');
  const headers = { Authorization: `Bearer ${token.token}` };
  // A redirect would carry the token to a place nobody configured.
  return fetch(`${endpoint.api}${path}`, { headers, redirect: 'error' }).catch((cause: unknown) => {
    throw new UploadError('network', 'The server could not be reached.', { cause });
  });
}

function batchPath(batchId: string): string {
  return `/batches/${encodeURIComponent(batchId)}`;
}
