import { messageOf, UploadError } from '../shared/errors.ts';
import { type Piece, piecesOf } from '../shared/pieces.ts';
import { become, isFinished, isStaged, readyState, type Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

/** Until chunk 0 can leave every piece is told at once; then fewer transactions copy faster. */
const SINGLE_PIECES = 8;
const PIECES_A_TRANSACTION = 8;

/** The Web Lock a tab holds while it copies the files of an upload. */
export function stagingLock(id: string): string {
  return `stage:${id}`;
}

/**
 * Copies what is not yet copied of an upload's files into the database, and tells after each step.
 *
 * @throws UploadError `unreadable_file`, `storage_full`, or `unknown_upload` when the upload ended meanwhile.
 */
export function stage(db: UploadsDb, upload: Upload, files: readonly File[], told: () => void): Promise<void> {
  return navigator.locks.request(stagingLock(upload.id), async () => {
    const pieces = piecesOf(upload.files);
    let mustRead = false;
    for (let n = firstMissing(pieces, upload.stagedBytes); n < pieces.length || n === 0; ) {
      const batch = pieces.slice(n, n + (n < SINGLE_PIECES ? 1 : PIECES_A_TRANSACTION));
      const slices = batch.map((piece) => sliceOf(files, piece));
      const sizeBytes = batch.reduce((sum, { start, end }) => sum + end - start, 0);
      try {
        await put(db, upload.id, n, mustRead ? await Promise.all(slices.map(bytesOf)) : slices, sizeBytes);
      } catch (error) {
        // Some engines refuse Blobs in IndexedDB (Safari, private mode): the bytes themselves they take.
        if (!mustRead && isBlobRefused(error)) {
          mustRead = true;
          continue;
        }
        throw stagingError(error, upload, batch);
      }
      told();
      n += Math.max(1, batch.length);
    }
  });
}

async function put(db: UploadsDb, id: string, n: number, pieces: readonly (Blob | ArrayBuffer)[], sizeBytes: number) {
  await db.putPieces(id, n, pieces, (before) => {
    if (isFinished(before)) return null;
    const stagedBytes = before.stagedBytes + sizeBytes;
    const staged = { ...before, stagedBytes };
    const isWaitingForUs =
      before.status === 'staging' || (before.status === 'waiting' && before.wait.reason === 'file');
    return isWaitingForUs ? become(before, readyState(staged), { stagedBytes }) : staged;
  });
}

/**
 * Compares a file with what was staged of it, so that two versions are never mixed.
 *
 * @throws UploadError `different_file`.
 */
export async function checkSameFile(db: UploadsDb, upload: Upload, files: readonly File[]): Promise<void> {
  const sameNames = files.length === upload.files.length && upload.files.every((facts, i) => isSame(facts, files[i]));
  if (!sameNames) throw differentFile(upload);
  const pieces = piecesOf(upload.files);
  const staged = firstMissing(pieces, upload.stagedBytes);
  for (const piece of pieces.slice(0, staged)) {
    const [stored] = await db.pieces(upload.id, piece.n, piece.n + 1);
    const [a, b] = await Promise.all([bytesOf(sliceOf(files, piece)), bytesOf(new Blob(stored ? [stored] : []))]);
    if (!equal(new Uint8Array(a), new Uint8Array(b))) throw differentFile(upload);
  }
}

/** @throws UploadError `storage_full` with the numbers when the browser says that so much does not fit. */
export async function checkRoom(sizeBytes: number): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate();
  const free = (quota ?? Number.POSITIVE_INFINITY) - (usage ?? 0);
  if (sizeBytes <= free) return;
  const text = `There is room for ${megabytes(free)} on this device, and this needs ${megabytes(sizeBytes)}.`;
  throw new UploadError('storage_full', `${text} Free some storage, or wait until other uploads have arrived.`);
}

function firstMissing(pieces: readonly Piece[], stagedBytes: number): number {
  let bytes = 0;
  const first = pieces.findIndex(({ start, end }) => {
    bytes += end - start;
    return bytes > stagedBytes;
  });
  return first < 0 ? pieces.length : first;
}

function sliceOf(files: readonly File[], piece: Piece): Blob {
  return (files[piece.file] ?? new Blob()).slice(piece.start, piece.end);
}

function bytesOf(blob: Blob): Promise<ArrayBuffer> {
  return blob.arrayBuffer();
}

function isSame(facts: { name: string; sizeBytes: number }, file: File | undefined): boolean {
  return file?.name === facts.name && file.size === facts.sizeBytes;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isBlobRefused(error: unknown): boolean {
  return messageOf(error).includes('preparing Blob') || nameOf(error) === 'DataCloneError';
}

function stagingError(error: unknown, upload: Upload, batch: readonly Piece[]): unknown {
  if (error instanceof UploadError) return error;
  const name = upload.files[batch[0]?.file ?? 0]?.name ?? '';
  if (nameOf(error) === 'QuotaExceededError') {
    const text = `The browser has no room left for “${name}” (${megabytes(upload.sizeBytes)}).`;
    return new UploadError('storage_full', `${text} Free some storage and try again.`, { cause: error });
  }
  const text = `“${name}” could not be read: it was moved, changed or is not on this device. Choose it again.`;
  return new UploadError('unreadable_file', text, { cause: error });
}

function differentFile(upload: Upload): UploadError {
  const names = upload.files.map(({ name }) => name).join(', ');
  return new UploadError('different_file', `This is not the file that was chosen before (${names}).`);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** Whether staging of an upload was cut off: something is missing and no tab is copying it. */
export function isCutOff(upload: Upload, heldLocks: ReadonlySet<string>): boolean {
  return !isFinished(upload) && !isStaged(upload) && !heldLocks.has(stagingLock(upload.id));
}
