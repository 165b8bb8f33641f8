import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { Status, Upload } from '../upload.ts';

/** One acknowledged chunk: the server said so. */
export interface Receipt {
  readonly uploadId: string;
  readonly generation: number;
  readonly index: number;
  readonly sizeBytes: number;
  /** The transport's proof of receipt, such as an ETag. */
  readonly proof?: string;
}

/** Some uploads of one user, and where the next ones begin. */
export interface UploadPage {
  readonly uploads: Upload[];
  readonly nextRank: number | null;
}

/** The stores of the database. */
export interface Schema extends DBSchema {
  uploads: { key: string; value: Upload; indexes: { owner: [string, number]; status: [string, Status] } };
  pieces: { key: [string, number]; value: Blob | ArrayBuffer };
  receipts: { key: [string, number, number]; value: Receipt };
  settings: { key: string; value: unknown };
}

export const SCHEMA_VERSION = 3;

/** Brings a database of any earlier version to this one, a step for each version. */
export async function upgrade(
  database: IDBPDatabase<Schema>,
  from: number,
  _to: number | null,
  tx: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
): Promise<void> {
  // 1: the first released schema.
  if (from < 1) {
    database.createObjectStore('uploads', { keyPath: 'id' }).createIndex('owner', ['ownerId', 'queuedAt']);
    database.createObjectStore('pieces');
    database.createObjectStore('receipts', { keyPath: ['uploadId', 'generation', 'index'] });
    database.createObjectStore('settings');
  }
  // 2: an upload has a place in its owner's queue, which until then was the time it was queued.
  if (from < 2) {
    const uploads = tx.objectStore('uploads');
    uploads.deleteIndex('owner');
    for await (const cursor of uploads) await cursor.update({ ...cursor.value, rank: cursor.value.queuedAt });
    uploads.createIndex('owner', ['ownerId', 'rank']);
  }
  // 3: what may be sent is found among thousands that arrived or are paused, without reading them.
  if (from < 3) tx.objectStore('uploads').createIndex('status', ['ownerId', 'status']);
}

/** The uploads of one user, in the order of the index `owner`: all, or those from a rank on. */
export function createOwnerRange(ownerId: string, fromRank = Number.NEGATIVE_INFINITY): IDBKeyRange {
  return IDBKeyRange.bound([ownerId, fromRank], [ownerId, []]);
}

/** The receipts of one generation of an upload. */
export function createReceiptRange(id: string, generation: number): IDBKeyRange {
  return IDBKeyRange.bound([id, generation], [id, generation, []]);
}
