import type { Upload } from './upload.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Completed and cancelled uploads hold no bytes. */
const RECORD_MS = 7 * DAY_MS;
/** A failed upload may hold the user's only copy of a file. */
const FAILED_MS = 30 * DAY_MS;

/**
 * When a finished upload is removed from this browser, in ms since 1970; null for unfinished
 * uploads.
 */
export function getRemovalTime(upload: Upload): number | null {
  switch (upload.status) {
    case 'completed':
      return upload.completedAt + RECORD_MS;
    case 'cancelled':
      // Null while the worker still has to abort the session or delete the bytes.
      return upload.session === null && upload.stagedBytes === 0 ? upload.cancelledAt + RECORD_MS : null;
    case 'failed':
      return upload.failedAt + (upload.stagedBytes > 0 ? FAILED_MS : RECORD_MS);
    default:
      return null;
  }
}

/** Whether an upload should be removed now. Records of other versions without a time are kept. */
export function isOverdue(upload: Upload, now: number): boolean {
  const at = getRemovalTime(upload);
  return at !== null && at < now;
}
