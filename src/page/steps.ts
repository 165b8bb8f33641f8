import { UploadError } from '../shared/errors.ts';
import { become, isFinished, isStaged, readyState } from '../shared/upload.ts';
import type { Step } from '../shared/uploads-db.ts';
import type { UploadView } from './shown.ts';

/** Pauses what is not finished; one that may have arrived stands still already, and resuming it would send it again unasked. */
export const pauseStep: Step = (before) => {
  const mayHaveArrived = before.status === 'waiting' && before.wait.reason === 'unconfirmed';
  return isFinished(before) || mayHaveArrived ? null : become(before, { status: 'paused' });
};

/** Cancels it; the worker tells the server and frees the bytes. */
export const cancelStep: Step = (before) => become(before, { status: 'cancelled', cancelledAt: Date.now() });

/** Lets what waited for its owner's sign-in go on. */
export const signedInStep: Step = (before) => {
  const waits = before.status === 'waiting' && before.wait.reason === 'sign-in';
  return waits ? become(before, readyState(before)) : null;
};

/** Says that its copying was cut off, unless it is complete after all. */
export const cutOffStep: Step = (before) => {
  const isKnown = before.status === 'paused' || (before.status === 'waiting' && before.wait.reason === 'file');
  if (isStaged(before) || isKnown) return null;
  return become(before, { status: 'waiting', wait: { reason: 'file' } });
};

/** Lets a paused one go on. */
export const resumeStep: Step = (before) => (before.status === 'paused' ? become(before, readyState(before)) : null);

/** Ends an upload whose file could not be copied. */
export function failStep(code: string, message: string): Step {
  return (before) => become(before, { status: 'failed', code, message, failedAt: Date.now() });
}

/** Why an upload that is over did not complete; undefined is one that was removed. */
export function endOf(upload: UploadView | undefined): UploadError {
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
