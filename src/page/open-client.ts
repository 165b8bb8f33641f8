import { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadClient } from './client.ts';
import { type ClientOptions, checkOptions, storeOptions } from './options.ts';

/**
 * Opens the database, registers the worker, reads the queue and wakes the worker.
 *
 * @throws UploadError `invalid_option`, `newer_version`, or `worker_unavailable` where the browser
 * has no service workers.
 */
export async function createUploadClient(options: ClientOptions = {}): Promise<UploadClient> {
  const client = await openUploadClient(options);
  await client.reload();
  return client;
}

/**
 * Does the same without reading a long queue, for pages that show its first page at once:
 * `queue.items` has the first page, `reload` reads the rest. Until then `list` is empty and
 * listeners are not called. Errors are the same.
 */
export async function openUploadClient(options: ClientOptions = {}): Promise<UploadClient> {
  checkOptions(options);
  const db = await UploadsDb.open();
  await storeOptions(db, options);
  const client = new UploadClient(db, options);
  await client.restore();
  return client;
}
