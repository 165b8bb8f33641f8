import type { IDBPTransaction } from 'idb';
import { createUploadRange, type Schema } from './schema.ts';

/** The stores that hold parts of an upload. */
export const UPLOAD_STORES: ('uploads' | 'pieces' | 'receipts' | 'files')[] = [
  'uploads',
  'pieces',
  'receipts',
  'files',
];

type RemovalTransaction = IDBPTransaction<Schema, typeof UPLOAD_STORES, 'readwrite'>;

/** Deletes uploads with their pieces, receipts and file lists, and completes the transaction. */
export async function removeUploads(tx: RemovalTransaction, ids: readonly string[]): Promise<void> {
  const [uploads, files] = [tx.objectStore('uploads'), tx.objectStore('files')];
  const remove = (id: string) => [uploads.delete(id), files.delete(createUploadRange(id)), deleteBytes(tx, id)];
  await Promise.all([...ids.flatMap(remove), tx.done]);
}

/** Deletes the pieces and receipts of an upload. */
export async function deleteBytes(tx: RemovalTransaction, id: string): Promise<void> {
  const range = createUploadRange(id);
  await Promise.all([tx.objectStore('pieces').delete(range), tx.objectStore('receipts').delete(range)]);
}
