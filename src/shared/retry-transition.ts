import { getBackgroundFetchId } from './background-fetch.ts';
import type { Transition } from './db/uploads-db.ts';
import { getReadyState, withState } from './upload.ts';

/** Makes one that waits or has failed due now; what the browser carries is taken back another way. */
export const retryTransition: Transition = (before) => {
  if ((before.status !== 'failed' && before.status !== 'waiting') || getBackgroundFetchId(before) !== null) return null;
  return withState(before, getReadyState(before), { failures: 0, restarted: false, mayHaveCompleted: false });
};
