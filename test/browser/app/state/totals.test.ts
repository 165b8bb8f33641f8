import { describe, expect, it } from 'vitest';
import { computeTotals } from '../../../../src/app/state/totals.ts';
import type { UploadView } from '../../../../src/page/index.ts';
import { createProgress } from '../../../../src/page/queue/progress.ts';
import { type UploadState, withState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MB = 1e6;

/** An upload of 10 MB with these numbers. */
function createView(state: UploadState, numbers: Partial<UploadView['progress']> = {}): UploadView {
  const upload = withState(createUpload({ sizeBytes: 10 * MB }), state);
  if (!upload) throw new Error('A queued upload cannot have this state.');
  return {
    ...upload,
    progress: { ...createProgress(upload, []), ...numbers },
    closeForecast: { kind: 'nothing-left' },
    lastCause: null,
    serverProblem: null,
  };
}

describe('computeTotals', () => {
  it('counts the time left as the rows do, and uploads that have not started', () => {
    const sending = { bytesUploaded: 4 * MB, rateBytesPerSecond: 2 * MB, secondsLeft: 2 };
    const totals = computeTotals([createView({ status: 'uploading' }, sending), createView({ status: 'queued' })]);
    expect(totals).toMatchObject({ bytesUploaded: 4 * MB, bytesToGo: 14 * MB, rateBytesPerSecond: 2 * MB });
  });

  it('counts failed uploads as unsent, and leaves out cancelled ones', () => {
    const done = createView({ status: 'completed', batch: { batch_id: 'b' }, completedAt: 0 });
    const failed = createView({ status: 'failed', code: 'upload_too_large', message: '', failedAt: 0 });
    const cancelled = createView({ status: 'cancelled', cancelledAt: 0 });
    const sums = { bytesTotal: 20 * MB, bytesUploaded: 10 * MB, isComplete: false };
    expect(computeTotals([done, failed, cancelled])).toMatchObject(sums);
    expect(computeTotals([failed])).toMatchObject({ bytesUploaded: 0, isComplete: false });
    expect(computeTotals([done, cancelled])).toMatchObject({ bytesTotal: 10 * MB, isComplete: true });
    expect(computeTotals([cancelled])).toMatchObject({ isComplete: false });
  });

  it('has no rate while every upload waits', () => {
    const wait = { reason: 'backoff', nextAttemptAt: 0, message: '' } as const;
    expect(computeTotals([createView({ status: 'waiting', wait })])).toMatchObject({ rateBytesPerSecond: null });
  });
});
