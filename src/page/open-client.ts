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
 * Opens a client like `createUploadClient`, but reads only the first page of a long queue:
 * `queue.items` has it at once, `reload` reads the rest. Until then `list` is empty and listeners
 * are not called.
 *
 * @throws UploadError as `createUploadClient`.
 */
export async function openUploadClient(options: ClientOptions = {}): Promise<UploadClient> {
  checkOptions(options);
  const db = await UploadsDb.open();
  await storeOptions(db, options);
  const client = new UploadClient(db, options);
  await client.restore();
  return client;
}
