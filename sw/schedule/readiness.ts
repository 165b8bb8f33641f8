import { needsWorker, type Upload } from '../../src/shared/upload.ts';
import { isDue } from '../send/retry.ts';

// The four questions about the readiness of an upload, by its status:
//
//                                   isActive  needsWorker     isBackgroundWork  canSendNow
//   staging                         yes       yes             no                a byte is staged
//   queued, uploading               yes       yes             yes               yes
//   waiting: network                yes       yes             if staged         a byte is staged
//   waiting: backoff                yes       yes             if staged         if due
//   waiting: anything else, paused  no        no              no                no
//   cancelled                       no        session, bytes  if needsWorker    if due
//   completed, failed               no        no              no                no
//
// `isActive` and `needsWorker` are in `src/shared/upload.ts`, because pages ask them too.

/** Whether a request for this upload could be sent now. */
export function canSendNow(upload: Upload, now: number): boolean {
  if (!needsWorker(upload)) return false;
  const nextAttemptAt = readyAt(upload);
  if (nextAttemptAt !== null) return isDue(nextAttemptAt, now);
  return upload.status === 'cancelled' || upload.sizeBytes === 0 || upload.stagedBytes > 0;
}

/** Whether the worker can continue this upload without an open tab, now or later. */
export function isBackgroundWork(upload: Upload): boolean {
  return needsWorker(upload) && (upload.status === 'cancelled' || upload.stagedBytes === upload.sizeBytes);
}

/** When the next attempt is due, in ms since 1970; null for an upload that waits for no time. */
export function readyAt(upload: Upload): number | null {
  if (upload.status === 'cancelled') return upload.nextAttemptAt ?? null;
  return upload.status === 'waiting' && upload.wait.reason === 'backoff' ? upload.wait.nextAttemptAt : null;
}
