import type { UploadsDb } from '../db/uploads-db.ts';
import { UploadError } from '../errors.ts';
import type { FileInfo, Upload } from '../upload.ts';
import { PIECE_BYTES, readPiecesOfRange } from './pieces.ts';

/**
 * The bytes `[start, end)` of a staged upload, composed of its pieces. Those of one file are not
 * read.
 *
 * @throws UploadError `unreadable_file` if the browser has lost staged bytes.
 */
export async function getByteRange(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Blob> {
  const bytes = await findByteRange(db, upload, start, end);
  if (!bytes) throw createLostBytesError();
  return bytes;
}

/** Every file of an upload, with its name and type; throws UploadError `unreadable_file` too. */
export async function getStagedFiles(db: UploadsDb, upload: Upload): Promise<File[]> {
  const [files, bytes] = [await db.listFiles(upload), await getByteRange(db, upload, 0, upload.sizeBytes)];
  let end = 0;
  return files.map(({ name, type, sizeBytes, modifiedAt: lastModified }) => {
    const start = end;
    end += sizeBytes;
    return new File([bytes.slice(start, end)], name, { type, lastModified });
  });
}

/** The file at position `n` of an upload, counted from 0; null if it is not fully staged. */
export async function findStagedFile(db: UploadsDb, upload: Upload, n: number): Promise<Blob | null> {
  const files = await db.listFiles(upload, 0, n + 1);
  const file = files[n];
  const start = sumSizes(files.slice(0, n));
  const bytes = file ? await findByteRange(db, upload, start, start + file.sizeBytes) : null;
  return bytes && new Blob([bytes], { type: file?.type ?? '' });
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

/** The bytes `[start, end)` of an upload; null if they are not all staged. */
async function findByteRange(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Blob | null> {
  const pieces = await readPiecesOfRange(db, upload, start, end);
  const [first, last] = [pieces[0], pieces.at(-1)];
  const bodies = first && last ? await db.pieces(upload.id, first.n, last.n + 1) : [];
  const offset = start - (first?.start ?? start);
  const bytes = new Blob(await toParts(upload, bodies)).slice(offset, offset + end - start);
  return bodies.length === pieces.length && bytes.size === end - start ? bytes : null;
}

/**
 * Chromium 156 kills the worker in half of the uploads of 1,000 files and more if it composes
 * Blobs of stored ones: "Bad blob references in BlobRegistry::Register" (crbug.com/392376370). With
 * a single file it never did, and its bytes stay out of memory. A stream takes half the memory of
 * an ArrayBuffer.
 *
 * @throws UploadError `unreadable_file`.
 */
async function toParts({ fileCount }: Upload, bodies: readonly BlobPart[]): Promise<BlobPart[]> {
  if (fileCount === 1) return [...bodies];
  const copy = (body: BlobPart) => (body instanceof Blob ? new Response(body.stream()).blob() : body);
  return Promise.all(bodies.map(copy)).catch((cause: unknown) => {
    throw createLostBytesError(cause);
  });
}

function createProbes(blob: Blob): Blob[] {
  const firsts = Array.from({ length: Math.ceil(blob.size / PIECE_BYTES) }, (_, n) => n * PIECE_BYTES);
  return [...firsts, blob.size - 1].map((at) => blob.slice(at, at + 1));
}

function sumSizes(files: readonly FileInfo[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function createLostBytesError(cause?: unknown): UploadError {
  const message = 'The browser has lost the copy of this file. Choose the file again.';
  return new UploadError('unreadable_file', message, { cause });
}
