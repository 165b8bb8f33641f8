import { UploadError } from '../../shared/errors.ts';
import { getReadyState, isFinished, isStaged, type Transition, type Upload, withState } from '../../shared/upload.ts';

/**
 * Pauses an unfinished upload. An unconfirmed one waits for the user already, and resuming it would
 * send it again without a question.
 */
export const pauseTransition: Transition = (before) => {
  const isUnconfirmed = before.status === 'waiting' && before.wait.reason === 'unconfirmed';
  return isFinished(before) || isUnconfirmed ? null : withState(before, { status: 'paused' });
};

/** Cancels an upload. The worker aborts its session and deletes its staged bytes. */
export const cancelTransition: Transition = (before) =>
  withState(before, { status: 'cancelled', cancelledAt: Date.now() });

/** Continues an upload that waited for its owner's sign-in. */
export const signInTransition: Transition = (before) => {
  const waits = before.status === 'waiting' && before.wait.reason === 'sign-in';
  return waits ? withState(before, getReadyState(before)) : null;
};

/** Marks an upload whose staging was interrupted: it waits for its file. */
export const interruptTransition: Transition = (before) => {
  const isMarked = before.status === 'paused' || (before.status === 'waiting' && before.wait.reason === 'file');
  if (isStaged(before) || isMarked) return null;
  return withState(before, { status: 'waiting', wait: { reason: 'file' } });
};

/** Continues a paused upload. */
export const resumeTransition: Transition = (before) =>
  before.status === 'paused' ? withState(before, getReadyState(before)) : null;

/** Fails an upload whose file could not be staged. */
export function createFailTransition(code: string, message: string): Transition {
  return (before) => withState(before, { status: 'failed', code, message, failedAt: Date.now() });
}

/** Why a finished upload did not complete; undefined stands for a removed upload. */
export function createOutcomeError(upload: Upload | undefined): UploadError {
  if (upload?.status === 'cancelled') return new UploadError('cancelled', 'Upload cancelled');
  if (upload?.status !== 'failed') return new UploadError('unknown_upload', 'This upload was removed.');
  const details = { serverCode: upload.code };
  switch (upload.code) {
    case 'no_batch_id':
    case 'storage_full':
    case 'unreadable_file':
      return new UploadError(upload.code, upload.message, details);
    default:
      return new UploadError('refused', upload.message, details);
  }
}
