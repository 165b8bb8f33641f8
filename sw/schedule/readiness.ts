import type { Plan } from '../../src/shared/chunks.ts';
import { getReadyState, needsWorker, type Upload, withState } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import { Pipeline } from '../send/pipeline.ts';
import { choosePlan } from '../send/planner.ts';
import { isDue } from '../send/retry.ts';
import type { ServerConnection } from '../server/server-connection.ts';

/** Whether something could be sent for an upload now. */
export function canSendNow(upload: Upload, now: number): boolean {
  if (!needsWorker(upload)) return false;
  const nextAttemptAt = readyAt(upload);
  if (nextAttemptAt !== null) return isDue(nextAttemptAt, now);
  return upload.status === 'cancelled' || upload.sizeBytes === 0 || upload.stagedBytes > 0;
}

/** Whether an upload is work that a wake without any tab could go on with, now or later. */
export function isBackgroundWork(upload: Upload): boolean {
  return needsWorker(upload) && (upload.status === 'cancelled' || upload.stagedBytes === upload.sizeBytes);
}

/** When an upload that is not ready becomes so by itself; null when only somebody else can make it so. */
export function readyAt(upload: Upload): number | null {
  if (upload.status === 'cancelled') return upload.nextAttemptAt ?? null;
  return upload.status === 'waiting' && upload.wait.reason === 'backoff' ? upload.wait.nextAttemptAt : null;
}

/**
 * Takes an upload up: decides how it is cut if nobody has, and reads what is acknowledged; null when it was changed meanwhile.
 *
 * @param firstBytes the size of chunk 0, if that is still to be decided.
 */
export async function openPipeline(
  world: DriverDependencies,
  link: ServerConnection,
  id: string,
  firstBytes?: number,
): Promise<Pipeline | null> {
  const now = world.clock.now();
  const upload = await world.db.update(id, (before) => {
    if (!canSendNow(before, now) || before.status === 'cancelled') return null;
    const facts = { plan: before.plan ?? choosePlan(before, link.planLimits, firstBytes) };
    return withState(before, getReadyState({ ...before, ...facts }), facts);
  });
  if (!upload || !canSendNow(upload, now)) return null;
  const plan: Plan = upload.plan ?? { way: 'direct' };
  const receipts = await world.db.receipts(id, upload.generation);
  const mustAsk = upload.mayHaveCompleted || (link.capabilities.canQuery && upload.session !== null);
  return new Pipeline(
    upload,
    plan,
    receipts.map(({ index }) => index),
    mustAsk,
  );
}
