import { describe, expect, it } from 'vitest';
import { getRemovalTime, isOverdue } from '../../../src/shared/retention.ts';
import { type Upload, type UploadState, withState } from '../../../src/shared/upload.ts';
import { createUpload } from '../../fixtures/upload.ts';

const DAY_MS = 24 * 60 * 60_000;
const completed: UploadState = { status: 'completed', batch: { batch_id: 'b' }, completedAt: 0 };
const failed: UploadState = { status: 'failed', code: 'refused', message: 'No.', failedAt: 0 };
const cancelled: UploadState = { status: 'cancelled', cancelledAt: 0 };

function upload(state: UploadState, stagedBytes = 5): Upload {
  return withState(createUpload({ sizeBytes: 5, stagedBytes }), state);
}

describe('an upload is kept', () => {
  it.each([
    ['as a record for 7 days once it arrived', upload(completed), 7],
    ['with its bytes for 30 days once it failed', upload(failed), 30],
    ['as a record for 7 days when it failed without bytes', upload(failed, 0), 7],
    ['as a record for 7 days once it is cancelled and its bytes are gone', upload(cancelled, 0), 7],
  ])('%s', (_how, kept, days) => {
    expect(getRemovalTime(kept)).toBe(days * DAY_MS);
    expect(isOverdue(kept, days * DAY_MS)).toBe(false);
    expect(isOverdue(kept, days * DAY_MS + 1)).toBe(true);
  });

  it('for as long as it takes while it is not finished, or the server is still to be told', () => {
    const states: UploadState[] = [
      { status: 'staging' },
      { status: 'queued' },
      { status: 'uploading' },
      { status: 'paused' },
      { status: 'waiting', wait: { reason: 'sign-in' } },
      cancelled,
    ];
    for (const state of states) expect(isOverdue(upload(state), Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it('when its record is of another version and says no time or an unknown status', () => {
    const { completedAt: _, ...timeless } = completed as UploadState & { status: 'completed' };
    const strange = [
      { ...upload(completed), ...timeless, completedAt: undefined },
      { ...upload(failed), status: 'archived' },
    ];
    for (const record of strange) expect(isOverdue(record as unknown as Upload, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});
