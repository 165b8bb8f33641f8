import { getBackgroundFetchId } from '../../shared/background-fetch.ts';
import { cut } from '../../shared/chunks.ts';
import type { Receipt } from '../../shared/db/schema.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Progress } from '../../shared/messages.ts';
import { isSendable, type Upload } from '../../shared/upload.ts';

/** The progress by the receipts in the database, before the worker reports any. */
export async function readProgress(db: UploadsDb, upload: Upload): Promise<Progress> {
  // An upload without a plan has sent nothing: ten thousand of them must not cost ten thousand
  // reads.
  const hasReceipts = upload.plan !== null && upload.status !== 'completed';
  return createProgress(upload, hasReceipts ? await db.receipts(upload.id, upload.generation) : []);
}

/** The progress of an upload with these receipts. A completed upload keeps no receipts. */
export function createProgress(upload: Upload, receipts: readonly Receipt[]): Progress {
  const { id, plan, sizeBytes } = upload;
  const chunksTotal = plan ? cut(sizeBytes, plan).length : 1;
  const isComplete = upload.status === 'completed';
  const chunksUploaded = isComplete ? chunksTotal : receipts.length;
  const bytes = isComplete ? sizeBytes : receipts.reduce((sum, receipt) => sum + receipt.sizeBytes, 0);
  return {
    id,
    chunksTotal,
    chunksUploaded,
    bytesAcknowledged: bytes,
    bytesUploaded: bytes,
    bytesTotal: sizeBytes,
    currentChunk: chunksUploaded,
    rateBytesPerSecond: null,
    secondsLeft: null,
  };
}

/** The bytes that have not arrived, as the time left counts them. */
export function getLeftBytes({ bytesTotal, bytesUploaded, rateBytesPerSecond, secondsLeft }: Progress): number {
  const isMeasured = rateBytesPerSecond !== null && secondsLeft !== null;
  return isMeasured ? rateBytesPerSecond * secondsLeft : bytesTotal - bytesUploaded;
}

/** Without the numbers that hold only while bytes arrive. */
export function withoutRate(progress: Progress): Progress {
  return progress.rateBytesPerSecond === null ? progress : { ...progress, rateBytesPerSecond: null, secondsLeft: null };
}

/**
 * Combines the stored progress with the reported one. The report of an active sender adds the rate
 * and the chunks in flight. The database may hold receipts that are not reported yet.
 */
export function mergeProgress(
  upload: Upload,
  stored: Progress,
  before: (Upload & { progress: Progress }) | undefined,
): Progress {
  const isBeingSent = isSendable(upload) || getBackgroundFetchId(upload) !== null;
  const reported = before?.generation === upload.generation ? before.progress : null;
  if (!isBeingSent || !reported) return stored;
  // The worker may have changed the sizes of the chunks that it had not sent.
  const { chunksTotal } = stored;
  const current = reported.chunksTotal === chunksTotal ? reported : { ...reported, chunksTotal };
  if (current.bytesAcknowledged >= stored.bytesAcknowledged) return current;
  const { chunksUploaded, bytesAcknowledged, currentChunk } = stored;
  const bytesUploaded = Math.max(current.bytesUploaded, bytesAcknowledged);
  return { ...current, chunksUploaded, bytesAcknowledged, bytesUploaded, currentChunk };
}
