import { type BatchResponse, isSendable, type Upload, withState } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { RemoteState, Sent } from '../ports/transport.ts';
import { applyAcknowledgement } from './acknowledgement.ts';
import type { Pipeline, SendJob } from './pipeline.ts';

type Dependencies = Pick<DriverDependencies, 'db' | 'clock'>;

/**
 * Stores the receipt of a chunk together with the changes that its response makes to the record.
 *
 * @returns the record; null if nothing more may be sent for it.
 */
export async function acknowledge(
  { db }: Dependencies,
  pipeline: Pipeline,
  job: SendJob,
  sent: Sent,
): Promise<Upload | null> {
  const { id, generation } = pipeline.upload;
  const { proof } = sent;
  const receipt = {
    uploadId: id,
    generation,
    index: job.index,
    sizeBytes: job.sizeBytes,
    ...(proof !== undefined && { proof }),
  };
  const upload = await db.addReceipt(receipt, (before) => applyAcknowledgement(before, sent));
  if (!upload) return null;
  pipeline.upload = upload;
  pipeline.addAcknowledged(job.index);
  if (isSendable(upload)) return upload;
  // The user stopped the upload meanwhile; the hint about it has not arrived yet.
  pipeline.stop({ kind: 'drop' });
  return null;
}

/** Replaces the receipts of this generation by the chunks that the server has. */
export async function syncReceipts({ db }: Dependencies, pipeline: Pipeline, { have }: RemoteState): Promise<void> {
  const { id, generation } = pipeline.upload;
  const has = new Set(have);
  const receipts = pipeline.chunks
    .filter(({ index }) => has.has(index))
    .map(({ index, start, end }) => ({ uploadId: id, generation, index, sizeBytes: end - start }));
  await db.replaceReceipts(id, generation, receipts);
  pipeline.setAcknowledged(receipts.map(({ index }) => index));
}

/** Stores the batch and deletes the staged bytes. */
export async function complete({ db, clock }: Dependencies, pipeline: Pipeline, batch: BatchResponse): Promise<void> {
  const completedAt = clock.now();
  await db.updateAndDeleteBytes(pipeline.upload.id, (before) =>
    withState(before, { status: 'completed', batch, completedAt }, { failures: 0 }),
  );
  pipeline.setAcknowledged(pipeline.chunks.map(({ index }) => index));
  pipeline.stop({ kind: 'drop' });
}

/** Deletes the session and the staged bytes of a cancelled upload. */
export async function cleanUpCancelled({ db }: Dependencies, pipeline: Pipeline): Promise<void> {
  await db.updateAndDeleteBytes(pipeline.upload.id, (before) => ({ ...before, session: null, stagedBytes: 0 }));
  pipeline.stop({ kind: 'drop' });
}

/** Stores whether a request that could create the batch may have reached the server. */
export async function setMayHaveCompleted(
  { db }: Dependencies,
  pipeline: Pipeline,
  mayHaveCompleted: boolean,
): Promise<void> {
  const { id, generation } = pipeline.upload;
  if (pipeline.upload.mayHaveCompleted === mayHaveCompleted) return;
  await db.update(id, (before) => (before.generation === generation ? { ...before, mayHaveCompleted } : null));
  pipeline.upload = { ...pipeline.upload, mayHaveCompleted };
}
