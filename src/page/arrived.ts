import * as v from 'valibot';
import { UploadError } from '../shared/errors.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

const batch = v.object({
  batch_id: v.string(),
  files: v.array(v.object({ name: v.string(), size_bytes: v.number(), sha256: v.nullable(v.string()) })),
});

/** A batch as an exact-level server shows it; `sha256` is null until the server has read the file through. */
export type BatchView = v.InferOutput<typeof batch>;

/** @throws UploadError `refused` when the server does not show batches. */
export async function readBatch(db: UploadsDb, batchId: string): Promise<BatchView> {
  const response = await get(db, batchPath(batchId));
  const read = v.safeParse(batch, await response.json().catch(() => null));
  if (read.success) return read.output;
  throw new UploadError('bad_answer', 'The server answered in a way that is not understood.');
}

/** The bytes of one file of a batch. */
export async function downloadFile(db: UploadsDb, batchId: string, n: number): Promise<Blob> {
  return (await get(db, `${batchPath(batchId)}/files/${n}`)).blob();
}

async function get(db: UploadsDb, path: string): Promise<Response> {
  const [endpoint, token] = await Promise.all([db.endpoint(), db.token()]);
  const headers = { Authorization: `Bearer ${token?.token}` };
  const response = await fetch(`${endpoint?.api}${path}`, { headers }).catch((cause: unknown) => {
    throw new UploadError('network', 'The server could not be reached.', { cause });
  });
  if (response.ok) return response;
  throw new UploadError('refused', `This server does not show it (${response.status}).`, { status: response.status });
}

function batchPath(batchId: string): string {
  return `/batches/${encodeURIComponent(batchId)}`;
}
