import { getBackgroundFetchId } from './background-fetch.ts';
import { getReadyState, type Transition, withState } from './upload.ts';

/**
 * Retries a waiting or failed upload now. An upload in a Background Fetch has to return to the
 * worker first.
 */
export const retryTransition: Transition = (before) => {
  if ((before.status !== 'failed' && before.status !== 'waiting') || getBackgroundFetchId(before) !== null) return null;
  return withState(before, getReadyState(before), { failures: 0, restarted: false, mayHaveCompleted: false });
};
