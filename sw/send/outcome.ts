import { getBackgroundFetchId } from '../../src/shared/background-fetch.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { type Upload, type UploadState, withState } from '../../src/shared/upload.ts';
import type { PipelineOutcome } from './pipeline.ts';
import { MAX_DELAY_MS } from './retry.ts';

/** Writes why an upload ended in this run, unless somebody changed it meanwhile (paused, cancelled, removed, handed over). */
export async function settle(db: UploadsDb, upload: Upload, ending: PipelineOutcome, now: number): Promise<void> {
  if (ending.kind === 'drop') return;
  await db.update(upload.id, (before) => (isUnchanged(before, upload) ? applyOutcome(before, ending, now) : null));
}

function applyOutcome(before: Upload, ending: Exclude<PipelineOutcome, { kind: 'drop' }>, now: number): Upload | null {
  if (before.status === 'cancelled') return postponeAbort(before, ending, now);
  switch (ending.kind) {
    case 'wait': {
      const { wait } = ending;
      const state: UploadState = { status: 'waiting', wait };
      if (wait.reason === 'backoff') return withState(before, state, { failures: before.failures + 1 });
      // What the browser lost of the copy is copied again from the start, and sent so: the file may have been changed meanwhile.
      const anew = { stagedBytes: 0, generation: before.generation + 1, session: null };
      return withState(before, state, wait.reason === 'file' ? anew : {});
    }
    case 'fail':
      return withState(before, { status: 'failed', code: ending.code, message: ending.message, failedAt: now });
    case 'restart': {
      const { plan, sessionLost: again } = ending;
      const facts = { generation: before.generation + 1, session: null, plan, restarted: again };
      return before.status === 'uploading' ? withState(before, { status: 'queued' }, facts) : { ...before, ...facts };
    }
  }
}

/** A cancelled one of which the server could not be told. */
function postponeAbort(before: Upload & { status: 'cancelled' }, ending: PipelineOutcome, now: number): Upload | null {
  // Without a network nothing is tried, and with one at once.
  if (ending.kind !== 'wait' || ending.wait.reason === 'network') return null;
  const nextAttemptAt = ending.wait.reason === 'backoff' ? ending.wait.nextAttemptAt : now + MAX_DELAY_MS;
  return withState(
    before,
    { status: 'cancelled', cancelledAt: before.cancelledAt, nextAttemptAt },
    { failures: before.failures + 1 },
  );
}

function isUnchanged(before: Upload, upload: Upload): boolean {
  const isActive = ['staging', 'queued', 'uploading', 'waiting'].includes(before.status);
  const isDiscard = before.status === 'cancelled' && upload.status === 'cancelled';
  return (isActive || isDiscard) && getBackgroundFetchId(before) === null && before.generation === upload.generation;
}
