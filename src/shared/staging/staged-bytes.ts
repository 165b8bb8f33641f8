import type { UploadsDb } from '../db/uploads-db.ts';
import { UploadError } from '../errors.ts';
import type { Upload } from '../upload.ts';
import { listPieces, PIECE_BYTES } from './pieces.ts';

/**
 * The bytes `[start, end)` of a staged single file, composed of its pieces without reading them.
 *
 * @throws UploadError `unreadable_file` if the browser has lost staged bytes.
 */
export async function getByteRange(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Blob> {
  const from = Math.floor(start / PIECE_BYTES);
  const pieces = await db.pieces(upload.id, from, Math.ceil(end / PIECE_BYTES));
  const offset = start - from * PIECE_BYTES;
  const blob = new Blob(pieces).slice(offset, offset + end - start);
  if (blob.size !== end - start) throw createLostBytesError();
  return blob;
}

/** Every file of an upload, as a Blob of its own type; throws UploadError `unreadable_file` too. */
export async function getStagedFiles(db: UploadsDb, upload: Upload): Promise<Blob[]> {
  const pieces = listPieces(upload.files);
  const bodies = await db.pieces(upload.id, 0, pieces.length);
  return upload.files.map(({ type, sizeBytes }, fileIndex) => {
    const own = bodies.filter((_, n) => pieces[n]?.fileIndex === fileIndex);
    const blob = new Blob(own, { type });
    if (blob.size !== sizeBytes) throw createLostBytesError();
    return blob;
  });
}

/**
 * Reads the first byte, the last byte, and one byte of each piece between them. A Blob whose file
 * is lost still exists and knows its size, so only reading finds out.
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
