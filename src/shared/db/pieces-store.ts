import type { IDBPDatabase } from 'idb';
import { UploadError } from '../errors.ts';
import { isKnown, type Transition, type Upload } from '../upload.ts';
import type { Schema } from './schema.ts';

/** A piece as it is stored: a Blob, or an ArrayBuffer in engines that refuse Blobs. */
export type PieceBody = Schema['pieces']['value'];

/** Stores pieces with the change of their upload, in one transaction. See `UploadsDb.putPieces`. */
export async function putPieces(
  db: IDBPDatabase<Schema>,
  id: string,
  firstN: number,
  pieces: readonly PieceBody[],
  transition: Transition,
): Promise<Upload> {
  // Relaxed, because waiting for the disk would halve the speed. A piece lost to a power cut is
  // staged again.
  const tx = db.transaction(['uploads', 'pieces'], 'readwrite', { durability: 'relaxed' });
  const uploads = tx.objectStore('uploads');
  const before = await uploads.get(id);
  const after = before && isKnown(before) && transition(before);
  if (!after) {
    await tx.done;
    throw new UploadError('unknown_upload', 'This upload was removed.');
  }
  const puts = pieces.map((piece, i) => tx.objectStore('pieces').put(piece, [id, firstN + i]));
  await Promise.all([...puts, uploads.put(after), tx.done]);
  return after;
}
