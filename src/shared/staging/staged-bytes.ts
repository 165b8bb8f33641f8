import type { UploadsDb } from '../db/uploads-db.ts';
import { UploadError } from '../errors.ts';
import type { Upload } from '../upload.ts';
import { listPieces, PIECE_BYTES } from './pieces.ts';

/**
 * The bytes `[start, end)` of a staged single file, composed of its pieces without being read.
 *
 * @throws UploadError `unreadable_file` when the browser has thrown staged bytes away.
 */
export async function getByteRange(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Blob> {
  const from = Math.floor(start / PIECE_BYTES);
  const pieces = await db.pieces(upload.id, from, Math.ceil(end / PIECE_BYTES));
  const whole = new Blob(pieces);
  const offset = start - from * PIECE_BYTES;
  const blob = whole.slice(offset, offset + end - start);
  if (blob.size !== end - start) throw createLostBytesError();
  return blob;
}

/** Every file of an upload as a Blob of its own type. */
export async function getStagedFiles(db: UploadsDb, upload: Upload): Promise<Blob[]> {
  const plan = listPieces(upload.files);
  const pieces = await db.pieces(upload.id, 0, plan.length);
  return upload.files.map(({ type, sizeBytes }, file) => {
    const own = pieces.filter((_, n) => plan[n]?.fileIndex === file);
    const blob = new Blob(own, { type });
    if (blob.size !== sizeBytes) throw createLostBytesError();
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
    await Promise.all(bytes.flatMap(createProbes).map((probe) => probe.arrayBuffer()));
  } catch (cause) {
    throw createLostBytesError(cause);
  }
}

function createProbes(blob: Blob): Blob[] {
  const firsts = Array.from({ length: Math.ceil(blob.size / PIECE_BYTES) }, (_, n) => n * PIECE_BYTES);
  return [...firsts, blob.size - 1].map((at) => blob.slice(at, at + 1));
}

function createLostBytesError(cause?: unknown): UploadError {
  const message = 'The browser has lost the copy of this file. Choose the file again.';
  return new UploadError('unreadable_file', message, { cause });
}
