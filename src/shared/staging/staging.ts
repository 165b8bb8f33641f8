import type { UploadsDb } from '../db/uploads-db.ts';
import { getReadyState, isFinished, isStaged, type Upload, withState } from '../upload.ts';
import { Concatenation } from './concatenation.ts';
import { canStoreSlices } from './device-storage.ts';
import { countStaged, readPieces } from './pieces.ts';
import { createStagingError, isBlobRefused } from './staging-errors.ts';

/** The first pieces have a transaction each, so that chunk 0 can leave early. */
const SINGLE_PIECES = 8;
/** Later pieces share transactions, which stages faster. */
const PIECES_PER_TRANSACTION = 4;
/**
 * The Web Lock of each transaction, over all uploads and tabs, so that other code waits for at most
 * one of them.
 */
const STORE_LOCK = 'store-pieces';

const LOCK_PREFIX = 'stage:';

/**
 * The ids of the uploads that a tab stages or is about to. Each tab holds or requests a Web Lock
 * per upload.
 */
export async function getStagingIds(): Promise<ReadonlySet<string>> {
  const { held = [], pending = [] } = await navigator.locks.query();
  const names = [...held, ...pending].map(({ name }) => name ?? '');
  return new Set(names.filter((name) => name.startsWith(LOCK_PREFIX)).map((name) => name.slice(LOCK_PREFIX.length)));
}

/**
 * Stages the remaining pieces of an upload: the concatenation of its files in their order.
 *
 * @param onStaged called with the record after each transaction.
 * @param onFirstPiece awaited after the first of several pieces, so that chunk 0 can leave first.
 * @throws UploadError `unreadable_file`, `storage_full`, or `unknown_upload` if the upload ended
 * meanwhile.
 */
export function stage(
  db: UploadsDb,
  id: string,
  files: readonly File[],
  onStaged: (upload: Upload) => void,
  onFirstPiece?: () => Promise<void>,
): Promise<void> {
  return navigator.locks.request(`${LOCK_PREFIX}${id}`, async () => {
    // Read under the lock, because another tab may have staged the same file before.
    const upload = await db.get(id);
    if (!upload) return;
    const pieces = await readPieces(db, upload);
    const bytes = new Concatenation(files);
    // An upload of empty files has no pieces, but needs the transaction that makes it ready.
    let isDone = pieces.length > 0 && isStaged(upload);
    let toBody = canStoreSlices ? keepSlice : copySlice;
    for (let n = countStaged(pieces, upload.stagedBytes); !isDone; ) {
      const group = pieces.slice(n, n + (n < SINGLE_PIECES ? 1 : PIECES_PER_TRANSACTION));
      const [from, to] = [group[0]?.start ?? 0, group.at(-1)?.end ?? 0];
      let staged: Upload;
      try {
        const slices = await Promise.all(group.map(({ start, end }) => bytes.slice(start, end)));
        staged = await navigator.locks.request(STORE_LOCK, async () =>
          storePieces(db, id, await Promise.all(slices.map(toBody)), n, from, to),
        );
      } catch (error) {
        // Safari in private mode refuses Blobs in IndexedDB, but stores their bytes.
        if (toBody !== toArrayBuffer && isBlobRefused(error)) {
          toBody = toArrayBuffer;
          continue;
        }
        throw await createStagingError(error, upload, bytes.listParts(from, to));
      }
      onStaged(staged);
      const isFirst = n === 0;
      n += group.length;
      isDone = n >= pieces.length;
      if (isFirst && !isDone) await onFirstPiece?.();
    }
  });
}

/** Turns a slice of a picked file into the body of a piece. */
type PieceFormat = (slice: Blob) => Promise<Blob | ArrayBuffer>;

const keepSlice: PieceFormat = async (slice) => slice;
const copySlice: PieceFormat = async (slice) => new Blob([await slice.arrayBuffer()]);
const toArrayBuffer: PieceFormat = (slice) => slice.arrayBuffer();

/** Stores pieces that raise the staged bytes of an upload from one number to another. */
function storePieces(
  db: UploadsDb,
  id: string,
  bodies: readonly (Blob | ArrayBuffer)[],
  n: number,
  from: number,
  to: number,
): Promise<Upload> {
  return db.putPieces(id, n, bodies, (before) => {
    // The worker resets the count if the browser lost pieces. Continuing here would leave a hole.
    if (isFinished(before) || before.stagedBytes !== from) return null;
    const staged = { ...before, stagedBytes: to };
    const isWaitingForStaging =
      before.status === 'staging' || (before.status === 'waiting' && before.wait.reason === 'file');
    return isWaitingForStaging ? withState(before, getReadyState(staged), { stagedBytes: to }) : staged;
  });
}
