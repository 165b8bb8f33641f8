import { getBackgroundFetchId } from '../../src/shared/background-fetch.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { isSendable, type Upload, type UploadState, withState } from '../../src/shared/upload.ts';
import type { PipelineOutcome } from './jobs.ts';
import { MAX_DELAY_MS } from './retry.ts';

/** Stores why an upload stopped in this run, unless the user or a page changed it meanwhile. */
export async function settle(db: UploadsDb, upload: Upload, outcome: PipelineOutcome, now: number): Promise<void> {
  if (outcome.kind === 'drop') return;
  await db.update(upload.id, (before) => (isUnchanged(before, upload) ? applyOutcome(before, outcome, now) : null));
}

function applyOutcome(before: Upload, outcome: Exclude<PipelineOutcome, { kind: 'drop' }>, now: number): Upload | null {
  if (before.status === 'cancelled') return postponeAbort(before, outcome, now);
  switch (outcome.kind) {
    case 'wait': {
      const { wait } = outcome;
      const state: UploadState = { status: 'waiting', wait };
      if (wait.reason === 'backoff') return withState(before, state, { failures: before.failures + 1 });
      // After the browser lost staged bytes, staging and sending start again: the file may have
      // changed meanwhile.
      const restart = { stagedBytes: 0, generation: before.generation + 1, session: null };
      return withState(before, state, wait.reason === 'file' ? restart : {});
    }
    case 'fail':
      return withState(before, { status: 'failed', code: outcome.code, message: outcome.message, failedAt: now });
    case 'restart': {
      const { plan, sessionLost } = outcome;
      const facts = { generation: before.generation + 1, session: null, plan, restarted: sessionLost };
      return before.status === 'uploading' ? withState(before, { status: 'queued' }, facts) : { ...before, ...facts };
    }
  }
}

/** Schedules another attempt to abort the session of a cancelled upload. */
function postponeAbort(before: Upload & { status: 'cancelled' }, outcome: PipelineOutcome, now: number): Upload | null {
  // Without a network the next attempt needs no time: it follows when the network returns.
  if (outcome.kind !== 'wait' || outcome.wait.reason === 'network') return null;
  const nextAttemptAt = outcome.wait.reason === 'backoff' ? outcome.wait.nextAttemptAt : now + MAX_DELAY_MS;
  return withState(
    before,
    { status: 'cancelled', cancelledAt: before.cancelledAt, nextAttemptAt },
    { failures: before.failures + 1 },
  );
}

function isUnchanged(before: Upload, upload: Upload): boolean {
  const isStillSent = isSendable(before) || before.status === 'waiting';
  const isStillAborted = before.status === 'cancelled' && upload.status === 'cancelled';
  const isOurs = getBackgroundFetchId(before) === null && before.generation === upload.generation;
  return (isStillSent || isStillAborted) && isOurs;
}
