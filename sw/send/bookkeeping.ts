import { type Chunk, resizeRest as resizePlan } from '../../src/shared/chunks.ts';
import { hasEqualJson } from '../../src/shared/equal-json.ts';
import { type BatchResponse, isSendable, type Upload, withState } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { RemoteState, Sent } from '../ports/transport.ts';
import { applyAcknowledgement } from './acknowledgement.ts';
import type { Pipeline } from './pipeline.ts';

type Dependencies = Pick<DriverDependencies, 'db' | 'clock'>;

/**
 * Stores the receipt of a chunk together with the changes that its response makes to the record.
 *
 * @returns the record; null if nothing more may be sent for it.
 */
export async function acknowledge(
  { db }: Dependencies,
  pipeline: Pipeline,
  { index, start, end }: Chunk,
  sent: Sent,
): Promise<Upload | null> {
  const { id, generation } = pipeline.upload;
  const { proof } = sent;
  const receipt = { uploadId: id, generation, index, sizeBytes: end - start, ...(proof !== undefined && { proof }) };
  const upload = await db.addReceipt(receipt, (before) => applyAcknowledgement(before, sent));
  if (!upload) return null;
  pipeline.upload = upload;
  pipeline.addAcknowledged(index);
  if (isSendable(upload)) return upload;
  // The user stopped the upload meanwhile; the hint about it has not arrived yet.
  pipeline.stop({ kind: 'drop' });
  return null;
}

/**
 * Gives the chunks that were not sent yet another size. The plan is stored first: receipts mean
 * nothing without it.
 */
export async function resizeRest({ db }: Dependencies, pipeline: Pipeline, chunkBytes: number): Promise<void> {
  const { id, generation, plan, sizeBytes } = pipeline.upload;
  if (plan?.way !== 'chunks' || pipeline.isResizing) return;
  const resized = resizePlan(sizeBytes, plan, pipeline.holdUnsent(), chunkBytes);
  try {
    const upload = await db.update(id, (before) =>
      before.generation === generation && isSendable(before) ? { ...before, plan: resized } : null,
    );
    if (!upload || !hasEqualJson(upload.plan, resized)) return;
    pipeline.upload = upload;
    pipeline.resize(resized);
  } finally {
    pipeline.releaseUnsent();
  }
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

/** Stores the receipt of a chunk whose response was lost. */
export async function addLostReceipt(deps: Dependencies, pipeline: Pipeline, index: number): Promise<void> {
  const chunk = pipeline.chunks[index];
  if (chunk) await acknowledge(deps, pipeline, chunk, {});
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
