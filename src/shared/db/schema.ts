import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { Share } from '../share.ts';
import type { FileInfo, Status, Upload } from '../upload.ts';
import { putFileList } from './file-lists.ts';
import { migrateSetting, migrateUpload } from './migrate-v4.ts';
import { limitFiles } from './migrate-v5.ts';

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
  /** The files of uploads whose record does not name all of them, by upload and page. */
  files: { key: [string, number]; value: FileInfo[] };
  shares: { key: string; value: Share };
  settings: { key: string; value: unknown };
}

export const SCHEMA_VERSION = 6;

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
  // 5: file lists have a store of their own, because each receipt rewrites the record. The pieces
  // stay as they are: the record says that each file starts with a new one.
  if (from < 5) {
    database.createObjectStore('files');
    await moveFileLists(tx);
  }
  // 6: shared files are no uploads before the user has confirmed them.
  if (from < 6) database.createObjectStore('shares', { keyPath: 'id' });
}

async function moveFileLists(tx: UpgradeTransaction): Promise<void> {
  const [uploads, lists] = [tx.objectStore('uploads'), tx.objectStore('files')];
  const before = await uploads.getAll();
  const move = async (upload: Upload) => {
    const after = limitFiles(upload);
    await Promise.all([uploads.put(after), putFileList(lists, after, upload.files)]);
  };
  await Promise.all(before.map(move));
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

/** The pieces, the receipts or the file list of an upload. */
export function createUploadRange(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

/** The receipts of one generation of an upload. */
export function createReceiptRange(id: string, generation: number): IDBKeyRange {
  return IDBKeyRange.bound([id, generation], [id, generation, []]);
}
