import { UploadError } from './errors.ts';
import { PIECE_BYTES, piecesOf } from './pieces.ts';
import type { Upload } from './upload.ts';
import type { UploadsDb } from './uploads-db.ts';

/**
 * The bytes `[start, end)` of a staged single file, composed of its pieces without being read.
 *
 * @throws UploadError `unreadable_file` when the browser has thrown staged bytes away.
 */
export async function bytesOf(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Blob> {
  const from = Math.floor(start / PIECE_BYTES);
  const pieces = await db.pieces(upload.id, from, Math.ceil(end / PIECE_BYTES));
  const whole = new Blob(pieces);
  const offset = start - from * PIECE_BYTES;
  const blob = whole.slice(offset, offset + end - start);
  if (blob.size !== end - start) throw bytesGone();
  return blob;
}

/** Every file of an upload as a Blob of its own type. */
export async function filesOf(db: UploadsDb, upload: Upload): Promise<Blob[]> {
  const plan = piecesOf(upload.files);
  const pieces = await db.pieces(upload.id, 0, plan.length);
  return upload.files.map(({ type, sizeBytes }, file) => {
    const own = pieces.filter((_, n) => plan[n]?.file === file);
    const blob = new Blob(own, { type });
    if (blob.size !== sizeBytes) throw bytesGone();
    return blob;
  });
}

function bytesGone(): UploadError {
  return new UploadError('unreadable_file', 'The browser has lost the copy of this file. Choose the file again.');
}
