import type { UploadsDb } from '../db/uploads-db.ts';
import { getReadyState, isFinished, isStaged, type Upload, withState } from '../upload.ts';
import { canStoreSlices } from './device-storage.ts';
import { listPieces, type Piece } from './pieces.ts';
import { createDifferentFileError, createStagingError, isBlobRefused } from './staging-errors.ts';

/** Until chunk 0 can leave every piece is told at once; then fewer transactions copy faster. */
const SINGLE_PIECES = 8;
const PIECES_PER_TRANSACTION = 4;
/** Pieces are stored one batch at a time, over all uploads and tabs: whoever else needs the database waits for no more than one. */
const STORE_LOCK = 'storing pieces';

const LOCK_PREFIX = 'stage:';

/** The Web Lock a tab holds while it copies the files of an upload. */
function getStagingLockName(id: string): string {
  return `${LOCK_PREFIX}${id}`;
}

/** The uploads whose files a tab copies, or waits to. */
export async function getStagingIds(): Promise<ReadonlySet<string>> {
  const { held = [], pending = [] } = await navigator.locks.query();
  const names = [...held, ...pending].map(({ name }) => name ?? '');
  return new Set(names.filter((name) => name.startsWith(LOCK_PREFIX)).map((name) => name.slice(LOCK_PREFIX.length)));
}

/**
 * Copies what is not yet copied of an upload's files into the database, and tells after each step.
 *
 * @param headStart what is waited for after the very first piece: chunk 0 can leave, and is to.
 * @throws UploadError `unreadable_file`, `storage_full`, or `unknown_upload` when the upload ended meanwhile.
 */
export function stage(
  db: UploadsDb,
  id: string,
  files: readonly File[],
  told: () => void,
  headStart?: () => Promise<void>,
): Promise<void> {
  return navigator.locks.request(getStagingLockName(id), async () => {
    // Read under the lock: another tab may have been given the same file and copied it before this one's turn.
    const upload = await db.get(id);
    if (!upload) return;
    const pieces = listPieces(upload.files);
    // An empty upload has no piece, but one step all the same: the one that makes it ready.
    let isDone = pieces.length > 0 && isStaged(upload);
    let form = canStoreSlices ? keepSlice : copySlice;
    for (let n = findFirstMissing(pieces, upload.stagedBytes); !isDone; ) {
      const batch = pieces.slice(n, n + (n < SINGLE_PIECES ? 1 : PIECES_PER_TRANSACTION));
      const slices = batch.map((piece) => sliceFile(files, piece));
      try {
        await navigator.locks.request(STORE_LOCK, async () => {
          const bodies = await Promise.all(slices.map(form));
          await storePieces(db, id, bodies, n, sumBytesBefore(pieces, n), sumBytesBefore(pieces, n + batch.length));
        });
      } catch (error) {
        // Some engines refuse Blobs in IndexedDB (Safari, private mode): the bytes themselves they take.
        if (form === toArrayBuffer || !isBlobRefused(error))
          throw await createStagingError(error, upload, batch, slices);
        form = toArrayBuffer;
        continue;
      }
      told();
      const isFirst = n === 0;
      n += batch.length;
      isDone = n >= pieces.length;
      if (isFirst && !isDone) await headStart?.();
    }
  });
}

/** How a slice of a picked file goes into the database. */
type PieceFormat = (slice: Blob) => Promise<Blob | ArrayBuffer>;

const keepSlice: PieceFormat = async (slice) => slice;
const copySlice: PieceFormat = async (slice) => new Blob([await slice.arrayBuffer()]);
const toArrayBuffer: PieceFormat = (slice) => slice.arrayBuffer();

/** Stores pieces that bring an upload from one number of staged bytes to another, if it still stands at the first. */
async function storePieces(
  db: UploadsDb,
  id: string,
  bodies: readonly (Blob | ArrayBuffer)[],
  n: number,
  from: number,
  to: number,
) {
  await db.putPieces(id, n, bodies, (before) => {
    // The worker sets the count back when the browser lost pieces: to go on from here would leave a hole.
    if (isFinished(before) || before.stagedBytes !== from) return null;
    const staged = { ...before, stagedBytes: to };
    const isWaitingForUs =
      before.status === 'staging' || (before.status === 'waiting' && before.wait.reason === 'file');
    return isWaitingForUs ? withState(before, getReadyState(staged), { stagedBytes: to }) : staged;
  });
}

/**
 * Compares files that were chosen again with what was staged of them, so that two versions are never mixed.
 *
 * @returns them in the order of before: whoever chooses several has no say in it.
 * @throws UploadError `different_file`.
 */
export async function matchChosenFiles(db: UploadsDb, upload: Upload, chosen: readonly File[]): Promise<File[]> {
  const files = sortLikeUpload(upload, chosen);
  const pieces = listPieces(upload.files);
  const staged = findFirstMissing(pieces, upload.stagedBytes);
  for (const piece of pieces.slice(0, staged)) {
    const [stored] = await db.pieces(upload.id, piece.n, piece.n + 1);
    const picked = sliceFile(files, piece);
    const bytes = Promise.all([picked.arrayBuffer(), new Blob(stored ? [stored] : []).arrayBuffer()]);
    const [a, b] = await bytes.catch(async (error: unknown) => {
      throw await createStagingError(error, upload, [piece], [picked]);
    });
    // The one native comparison of bytes that a page has.
    if (indexedDB.cmp(a, b) !== 0) throw createDifferentFileError(upload);
  }
  return files;
}

function sortLikeUpload(upload: Upload, chosen: readonly File[]): File[] {
  const left = new Set(chosen);
  const files = upload.files.map((facts) => {
    const file = [...left].find(({ name, size }) => name === facts.name && size === facts.sizeBytes);
    if (!file) throw createDifferentFileError(upload);
    left.delete(file);
    return file;
  });
  if (left.size > 0) throw createDifferentFileError(upload);
  return files;
}

function sumBytesBefore(pieces: readonly Piece[], n: number): number {
  return pieces.slice(0, n).reduce((sum, { start, end }) => sum + end - start, 0);
}

function findFirstMissing(pieces: readonly Piece[], stagedBytes: number): number {
  const first = pieces.findIndex((_, n) => sumBytesBefore(pieces, n + 1) > stagedBytes);
  return first < 0 ? pieces.length : first;
}

function sliceFile(files: readonly File[], piece: Piece): Blob {
  return (files[piece.fileIndex] ?? new Blob()).slice(piece.start, piece.end);
}
