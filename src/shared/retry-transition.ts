import { getBackgroundFetchId } from './background-fetch.ts';
import { getReadyState, type Transition, type Upload, withState } from './upload.ts';

/**
 * Retries a waiting or failed upload now. An upload in a Background Fetch has to return to the
 * worker first.
 */
export const retryTransition: Transition = (before) => {
  if ((before.status !== 'failed' && before.status !== 'waiting') || getBackgroundFetchId(before) !== null) return null;
  const restart = isWithoutBatch(before) ? { generation: before.generation + 1, session: null } : {};
  const facts = { ...restart, failures: 0, restarted: false, mayHaveCompleted: false };
  return withState(before, getReadyState({ ...before, ...facts }), facts);
};

/** Nothing is left to send in this session, and it has no batch: only another one can make it. */
function isWithoutBatch(upload: Upload): boolean {
  if (upload.status === 'failed') return upload.code === 'no_batch_id';
  return upload.status === 'waiting' && upload.wait.reason === 'unconfirmed' && upload.wait.code === 'no_batch_id';
}
