import { fetchIdOf } from './carrier.ts';
import { become, readyState } from './upload.ts';
import type { Step } from './uploads-db.ts';

/** Makes one that waits or has failed due now; what the browser carries is taken back another way. */
export const retryStep: Step = (before) => {
  if ((before.status !== 'failed' && before.status !== 'waiting') || fetchIdOf(before) !== null) return null;
  return become(before, readyState(before), { failures: 0, restarted: false, completing: false });
};
