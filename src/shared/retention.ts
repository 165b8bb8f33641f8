import type { Upload } from './upload.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A record of what arrived or was cancelled is a line to read, and no bytes. */
const RECORD_MS = 7 * DAY_MS;
/** A failed upload has the only copy that its user may still count on. */
const FAILED_MS = 30 * DAY_MS;

/** When a finished upload is forgotten with all that is kept for it, in ms since 1970; null while it is not finished. */
export function getRemovalTime(upload: Upload): number | null {
  switch (upload.status) {
    case 'completed':
      return upload.completedAt + RECORD_MS;
    case 'cancelled':
      // The worker may still have to tell the server.
      return upload.session === null && upload.stagedBytes === 0 ? upload.cancelledAt + RECORD_MS : null;
    case 'failed':
      return upload.failedAt + (upload.stagedBytes > 0 ? FAILED_MS : RECORD_MS);
    default:
      return null;
  }
}

/** Whether its time is over; a record of another version that says no time is kept. */
export function isOverdue(upload: Upload, now: number): boolean {
  const at = getRemovalTime(upload);
  return at !== null && at < now;
}
