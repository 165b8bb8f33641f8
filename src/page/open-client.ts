import { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadClient } from './client.ts';
import { type ClientOptions, checkOptions, storeOptions } from './options.ts';

/**
 * Opens the database, registers the worker, and wakes it.
 *
 * @throws UploadError `bad_option`, `newer_version`, or `worker_unavailable` where the browser has no service workers.
 */
export async function createUploadClient(options: ClientOptions = {}): Promise<UploadClient> {
  const client = await openUploadClient(options);
  await client.reload();
  return client;
}

/**
 * The same for a page that cannot wait until a long queue is read: `queue.known` is the beginning of it, and `reload` reads the rest.
 * Until then `list` is empty and nobody who subscribed is told anything. Errors are the same.
 */
export async function openUploadClient(options: ClientOptions = {}): Promise<UploadClient> {
  checkOptions(options);
  const db = await UploadsDb.open();
  await storeOptions(db, options);
  const client = new UploadClient(db, options);
  await client.restore();
  return client;
}
