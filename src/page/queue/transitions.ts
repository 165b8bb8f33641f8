import type { Transition } from '../../shared/db/uploads-db.ts';
import { UploadError } from '../../shared/errors.ts';
import { getReadyState, isFinished, isStaged, withState } from '../../shared/upload.ts';
import type { UploadView } from './upload-views.ts';

/** Pauses what is not finished; one that may have arrived stands still already, and resuming it would send it again unasked. */
export const pauseTransition: Transition = (before) => {
  const mayHaveArrived = before.status === 'waiting' && before.wait.reason === 'unconfirmed';
  return isFinished(before) || mayHaveArrived ? null : withState(before, { status: 'paused' });
};

/** Cancels it; the worker tells the server and frees the bytes. */
export const cancelTransition: Transition = (before) =>
  withState(before, { status: 'cancelled', cancelledAt: Date.now() });

/** Lets what waited for its owner's sign-in go on. */
export const signInTransition: Transition = (before) => {
  const waits = before.status === 'waiting' && before.wait.reason === 'sign-in';
  return waits ? withState(before, getReadyState(before)) : null;
};

/** Says that its copying was cut off, unless it is complete after all. */
export const interruptTransition: Transition = (before) => {
  const isKnown = before.status === 'paused' || (before.status === 'waiting' && before.wait.reason === 'file');
  if (isStaged(before) || isKnown) return null;
  return withState(before, { status: 'waiting', wait: { reason: 'file' } });
};

/** Lets a paused one go on. */
export const resumeTransition: Transition = (before) =>
  before.status === 'paused' ? withState(before, getReadyState(before)) : null;

/** Ends an upload whose file could not be copied. */
export function createFailTransition(code: string, message: string): Transition {
  return (before) => withState(before, { status: 'failed', code, message, failedAt: Date.now() });
}

/** Why an upload that is over did not complete; undefined is one that was removed. */
export function createOutcomeError(upload: UploadView | undefined): UploadError {
  if (upload?.status === 'cancelled') return new UploadError('cancelled', 'Upload cancelled');
  if (upload?.status !== 'failed') return new UploadError('unknown_upload', 'This upload was removed.');
  const facts = { serverCode: upload.code };
  switch (upload.code) {
    case 'no_batch_id':
    case 'storage_full':
    case 'unreadable_file':
      return new UploadError(upload.code, upload.message, facts);
    default:
      return new UploadError('refused', upload.message, facts);
  }
}
