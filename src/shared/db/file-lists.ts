import type { IDBPDatabase, IDBPObjectStore, StoreNames } from 'idb';
import type { FileInfo, Upload } from '../upload.ts';
import { createUploadRange, type Schema } from './schema.ts';

/** Files per record of the store, so that a part of a long list is read alone. */
const PAGE_SIZE = 1000;

type FilesStore = IDBPObjectStore<Schema, StoreNames<Schema>[], 'files', 'readwrite' | 'versionchange'>;

/**
 * Stores the files of an upload, in the transaction that stores its record. A record that names all
 * of its files is the list itself.
 */
export async function putFileList(store: FilesStore, upload: Upload, files: readonly FileInfo[]): Promise<void> {
  if (files.length <= upload.files.length) return;
  const pages = Array.from({ length: Math.ceil(files.length / PAGE_SIZE) }, (_, n) =>
    files.slice(n * PAGE_SIZE, (n + 1) * PAGE_SIZE),
  );
  await Promise.all(pages.map((page, n) => store.put(page, [upload.id, n])));
}

/** The files `[from, to)` of an upload. See `UploadsDb.listFiles`. */
export async function listFiles(
  db: IDBPDatabase<Schema>,
  { id, files, fileCount }: Upload,
  from: number,
  to: number,
): Promise<FileInfo[]> {
  if (files.length >= Math.min(to, fileCount)) return files.slice(from, to);
  const first = Math.floor(from / PAGE_SIZE);
  const range = Number.isFinite(to) ? IDBKeyRange.bound([id, first], [id, Math.floor(to / PAGE_SIZE)]) : null;
  const pages = await db.getAll('files', range ?? createUploadRange(id));
  const skipped = range ? first * PAGE_SIZE : 0;
  return pages.flat().slice(from - skipped, to - skipped);
}
