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

/**
 * Reads the first and the last byte, and one of each piece in between. A Blob is there, and knows its size, also when the file
 * behind it is gone.
 *
 * @throws UploadError `unreadable_file`.
 */
export async function checkReadable(bytes: readonly Blob[]): Promise<void> {
  try {
    await Promise.all(bytes.flatMap(probes).map((probe) => probe.arrayBuffer()));
  } catch (cause) {
    throw bytesGone(cause);
  }
}

function probes(blob: Blob): Blob[] {
  const firsts = Array.from({ length: Math.ceil(blob.size / PIECE_BYTES) }, (_, n) => n * PIECE_BYTES);
  return [...firsts, blob.size - 1].map((at) => blob.slice(at, at + 1));
}

function bytesGone(cause?: unknown): UploadError {
  const message = 'The browser has lost the copy of this file. Choose the file again.';
  return new UploadError('unreadable_file', message, { cause });
}
