import { getBackgroundFetchId } from '../../shared/background-fetch.ts';
import { cut } from '../../shared/chunks.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Progress } from '../../shared/messages.ts';
import { isSendable, type Upload } from '../../shared/upload.ts';

/** How far an upload is by what the database knows: exact, and there before the worker says anything. */
export async function readProgress(db: UploadsDb, upload: Upload): Promise<Progress> {
  const { id, plan, sizeBytes, generation } = upload;
  const chunksTotal = plan ? cut(sizeBytes, plan).length : 1;
  const isComplete = upload.status === 'completed';
  // Without a plan nothing was sent; ten thousand that wait must not cost ten thousand questions.
  const receipts = isComplete || !plan ? [] : await db.receipts(id, generation);
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

/**
 * While one plan is being sent whoever sends it knows more than the receipts say: its rate, and what is on the way. Only what is
 * acknowledged may stand in the database before it is told.
 */
export function mergeProgress(
  upload: Upload,
  stored: Progress,
  before: (Upload & { progress: Progress }) | undefined,
): Progress {
  const isGoing = isSendable(upload) || getBackgroundFetchId(upload) !== null;
  const heard = before?.generation === upload.generation ? before.progress : null;
  if (!isGoing || heard?.chunksTotal !== stored.chunksTotal) return stored;
  if (heard.bytesAcknowledged >= stored.bytesAcknowledged) return heard;
  const { chunksUploaded, bytesAcknowledged, currentChunk } = stored;
  const bytesUploaded = Math.max(heard.bytesUploaded, bytesAcknowledged);
  return { ...heard, chunksUploaded, bytesAcknowledged, bytesUploaded, currentChunk };
}
