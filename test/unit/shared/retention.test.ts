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

describe('getRemovalTime and isOverdue', () => {
  it.each([
    ['keeps a completed record for 7 days', upload(completed), 7],
    ['keeps a failed upload with its bytes for 30 days', upload(failed), 30],
    ['keeps a failed record without bytes for 7 days', upload(failed, 0), 7],
    ['keeps a cancelled record without bytes for 7 days', upload(cancelled, 0), 7],
  ])('%s', (_title, kept, days) => {
    expect(getRemovalTime(kept)).toBe(days * DAY_MS);
    expect(isOverdue(kept, days * DAY_MS)).toBe(false);
    expect(isOverdue(kept, days * DAY_MS + 1)).toBe(true);
  });

  it('keeps unfinished uploads, and cancelled ones that need the worker', () => {
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

  it('keeps records of other versions without a time or with new states', () => {
    const { completedAt: _, ...timeless } = completed as UploadState & { status: 'completed' };
    const unknown = [
      { ...upload(completed), ...timeless, completedAt: undefined },
      { ...upload(failed), status: 'archived' },
    ];
    for (const record of unknown) expect(isOverdue(record as unknown as Upload, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});
