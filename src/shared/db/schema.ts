import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { Status, Upload } from '../upload.ts';
import { migrateSetting, migrateUpload } from './migrate-v4.ts';

/** A chunk that the server has acknowledged. */
export interface Receipt {
  readonly uploadId: string;
  readonly generation: number;
  readonly index: number;
  readonly sizeBytes: number;
  /** The transport's proof of receipt, such as an ETag. */
  readonly proof?: string;
}

/** A page of one user's uploads. */
export interface UploadPage {
  readonly uploads: Upload[];
  /** The rank where the next page starts; null after the last page. */
  readonly nextRank: number | null;
}

/** The stores of the database. */
export interface Schema extends DBSchema {
  uploads: { key: string; value: Upload; indexes: { owner: [string, number]; status: [string, Status] } };
  pieces: { key: [string, number]; value: Blob | ArrayBuffer };
  receipts: { key: [string, number, number]; value: Receipt };
  settings: { key: string; value: unknown };
}

export const SCHEMA_VERSION = 4;

type UpgradeTransaction = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

/** Upgrades a database of any earlier version, one step per version. */
export async function upgrade(
  database: IDBPDatabase<Schema>,
  from: number,
  _to: number | null,
  tx: UpgradeTransaction,
): Promise<void> {
  // 1: the first released schema.
  if (from < 1) {
    database.createObjectStore('uploads', { keyPath: 'id' }).createIndex('owner', ['ownerId', 'queuedAt']);
    database.createObjectStore('pieces');
    database.createObjectStore('receipts', { keyPath: ['uploadId', 'generation', 'index'] });
    database.createObjectStore('settings');
  }
  // 2: uploads have a rank in their owner's queue. Version 1 ordered them by the time they were
  // queued.
  if (from < 2) {
    const uploads = tx.objectStore('uploads');
    uploads.deleteIndex('owner');
    for await (const cursor of uploads) await cursor.update({ ...cursor.value, rank: cursor.value.queuedAt });
    uploads.createIndex('owner', ['ownerId', 'rank']);
  }
  // 3: the index finds sendable uploads without reading thousands of paused or completed records.
  if (from < 3) tx.objectStore('uploads').createIndex('status', ['ownerId', 'status']);
  // 4: the names of the glossary, and metadata instead of four fixed fields.
  if (from < 4) await Promise.all([renameInUploads(tx), renameInSettings(tx)]);
}

async function renameInUploads(tx: UpgradeTransaction): Promise<void> {
  const uploads = tx.objectStore('uploads');
  await Promise.all((await uploads.getAll()).map((upload) => uploads.put(migrateUpload(upload))));
}

async function renameInSettings(tx: UpgradeTransaction): Promise<void> {
  const settings = tx.objectStore('settings');
  const [keys, values] = await Promise.all([settings.getAllKeys(), settings.getAll()]);
  await settings.clear();
  const migrated = keys.map((key, n) => migrateSetting(key, values[n]));
  await Promise.all(migrated.map(({ key, value }) => settings.put(value, key)));
}

/** The uploads of one user in the index `owner`, from a rank on. */
export function createOwnerRange(ownerId: string, fromRank = Number.NEGATIVE_INFINITY): IDBKeyRange {
  return IDBKeyRange.bound([ownerId, fromRank], [ownerId, []]);
}

/** The pieces, or the receipts, of an upload. */
export function createUploadRange(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

/** The receipts of one generation of an upload. */
export function createReceiptRange(id: string, generation: number): IDBKeyRange {
  return IDBKeyRange.bound([id, generation], [id, generation, []]);
}
