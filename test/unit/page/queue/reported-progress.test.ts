import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgress } from '../../../../src/page/queue/progress.ts';
import { ReportedProgress } from '../../../../src/page/queue/reported-progress.ts';
import type { Progress } from '../../../../src/shared/messages.ts';
import { createUpload } from '../../../fixtures/upload.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createReport(rateBytesPerSecond: number | null): Progress {
  return { ...createProgress(createUpload({ id: 'a', sizeBytes: 10 }), []), rateBytesPerSecond, secondsLeft: 1 };
}

it('ends the rate of a worker that reports no more', () => {
  const seen: Progress[] = [];
  const reported = new ReportedProgress((progress) => seen.push(progress));
  reported.onReport(createReport(5));
  vi.advanceTimersByTime(9000);
  reported.onReport(createReport(6));
  vi.advanceTimersByTime(9000);
  expect(seen.map((progress) => progress.rateBytesPerSecond)).toEqual([5, 6]);
  vi.advanceTimersByTime(1000);
  expect(seen.at(-1)).toMatchObject({ id: 'a', rateBytesPerSecond: null, secondsLeft: null });
});

it('reports nothing more of an upload without a rate', () => {
  const onProgress = vi.fn();
  const reported = new ReportedProgress(onProgress);
  reported.onReport(createReport(5));
  reported.onReport(createReport(null));
  vi.advanceTimersByTime(60_000);
  expect(onProgress).toHaveBeenCalledTimes(2);
});
