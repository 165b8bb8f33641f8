import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { isOnCellular } from '../../src/shared/network-information.ts';
import { isActive, isStaged, type Upload, WORKER_STATUSES } from '../../src/shared/upload.ts';
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
  const userId = await getSendingUser(db);
  if (userId === null) return false;
  const until = clock.now() + deadline - clock.ticks();
  const isDue = (upload: Upload) => isBackgroundWork(upload) && canSendNow(upload, until);
  return db.someByStatus(userId, WORKER_STATUSES, isDue);
}

/** Whether the worker could send bytes of this upload now. Its staging may be incomplete. */
export async function isDueUpload(db: UploadsDb, clock: Clock, id: string): Promise<boolean> {
  const [userId, upload] = await Promise.all([getSendingUser(db), db.get(id)]);
  return upload !== undefined && upload.ownerId === userId && canSendNow(upload, clock.now());
}

/** Whether an upload of the user is staged in part, so that the worker may send that part. */
export async function hasPartlyStaged(db: UploadsDb): Promise<boolean> {
  const userId = await getSendingUser(db);
  const isPartlyStaged = (upload: Upload) => isActive(upload) && upload.stagedBytes > 0 && !isStaged(upload);
  return userId !== null && db.someByStatus(userId, WORKER_STATUSES, isPartlyStaged);
}

/** The user whose uploads may be sent now; null if there is none. */
async function getSendingUser(db: UploadsDb): Promise<string | null> {
  // Background Sync counts cellular networks as online: it would fire for uploads that wait for
  // Wi-Fi.
  if (isOnCellular() && (await db.settings.get('pauseOnCellular'))) return null;
  return (await db.settings.getCredentials())?.userId ?? null;
}
