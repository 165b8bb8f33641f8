import type { IDBPDatabase } from 'idb';
import { applyTransition, type Transition, type Upload } from '../upload.ts';
import { createReceiptRange, type Receipt, type Schema } from './schema.ts';

/**
 * Stores a receipt with the change of its upload, in one transaction. See `UploadsDb.addReceipt`.
 */
export async function addReceipt(
  db: IDBPDatabase<Schema>,
  receipt: Receipt,
  transition: Transition,
): Promise<Upload | undefined> {
  const tx = db.transaction(['uploads', 'receipts'], 'readwrite');
  const uploads = tx.objectStore('uploads');
  const before = await uploads.get(receipt.uploadId);
  if (!before || !acceptsReceipts(before, receipt.generation)) {
    await tx.done;
    return undefined;
  }
  const after = applyTransition(before, transition);
  const writes: Promise<unknown>[] = [tx.objectStore('receipts').put(receipt)];
  if (after) writes.push(uploads.put(after));
  await Promise.all([...writes, tx.done]);
  return after ?? before;
}

/** Replaces the receipts of one generation. See `UploadsDb.replaceReceipts`. */
export async function replaceReceipts(
  db: IDBPDatabase<Schema>,
  id: string,
  generation: number,
  receipts: readonly Receipt[],
): Promise<void> {
  const tx = db.transaction(['uploads', 'receipts'], 'readwrite');
  const upload = await tx.objectStore('uploads').get(id);
  const store = tx.objectStore('receipts');
  const writes: Promise<unknown>[] = [store.delete(createReceiptRange(id, generation))];
  if (upload && acceptsReceipts(upload, generation)) writes.push(...receipts.map((receipt) => store.put(receipt)));
  await Promise.all([...writes, tx.done]);
}

/**
 * Whether receipts of this generation still count. An older plan's do not, and a completed upload
 * keeps none.
 */
function acceptsReceipts(upload: Upload, generation: number): boolean {
  return upload.generation === generation && upload.status !== 'completed';
}
