import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { isOnCellular } from '../../src/shared/network-information.ts';
import { type Upload, WORKER_STATUSES } from '../../src/shared/upload.ts';
import type { Clock } from '../ports/clock.ts';
import { canSendNow, isBackgroundWork } from './readiness.ts';
import type { Wake } from './wake.ts';

/**
 * Whether the worker could send anything before the wake's deadline without an open tab.
 *
 * Without due work there must be no sync registration: a registered `sync` fires immediately while
 * the browser is online, and would fire forever.
 */
export async function hasDueWork(db: UploadsDb, clock: Clock, { deadline }: Wake): Promise<boolean> {
  // Background Sync counts cellular networks as online: it would fire for uploads that wait for
  // Wi-Fi.
  if (isOnCellular() && (await db.settings.get('pauseOnCellular'))) return false;
  const credentials = await db.settings.getCredentials();
  if (!credentials) return false;
  const until = clock.now() + deadline - clock.ticks();
  const isDue = (upload: Upload) => isBackgroundWork(upload) && canSendNow(upload, until);
  return db.someByStatus(credentials.userId, WORKER_STATUSES, isDue);
}
