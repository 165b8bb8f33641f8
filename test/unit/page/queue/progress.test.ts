import { describe, expect, it } from 'vitest';
import { getLeftBytes, mergeProgress, withoutRate } from '../../../../src/page/queue/progress.ts';
import type { Progress } from '../../../../src/shared/messages.ts';
import { withState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const stored: Progress = {
  id: 'a',
  chunksTotal: 4,
  chunksUploaded: 2,
  bytesAcknowledged: 200,
  bytesUploaded: 200,
  bytesTotal: 400,
  currentChunk: 2,
  rateBytesPerSecond: null,
  secondsLeft: null,
};
const reported: Progress = { ...stored, rateBytesPerSecond: 50, secondsLeft: 4, inFlight: [2] };
const upload = createUpload({ sizeBytes: 400 });

describe('mergeProgress', () => {
  it('prefers reported progress, which includes chunks in flight', () => {
    const ahead = { ...reported, bytesUploaded: 260 };
    expect(mergeProgress(upload, stored, { ...upload, progress: ahead })).toBe(ahead);
  });

  it('keeps rate and chunks in flight when the receipts are ahead', () => {
    const behind = { ...reported, chunksUploaded: 1, bytesAcknowledged: 100, bytesUploaded: 160, currentChunk: 1 };
    expect(mergeProgress(upload, stored, { ...upload, progress: behind })).toEqual(reported);
    const guessed = { ...behind, bytesUploaded: 230 };
    expect(mergeProgress(upload, stored, { ...upload, progress: guessed })).toEqual({
      ...reported,
      bytesUploaded: 230,
    });
  });

  it('keeps reported bytes when unsent chunks have changed their sizes', () => {
    const ahead = { ...reported, bytesUploaded: 260, chunksTotal: 8 };
    expect(mergeProgress(upload, stored, { ...upload, progress: ahead })).toEqual({ ...ahead, chunksTotal: 4 });
  });

  it('prefers the receipts for another generation or a stopped upload', () => {
    expect(mergeProgress(upload, stored, { ...upload, generation: 1, progress: reported })).toBe(stored);
    const paused = withState(upload, { status: 'paused' });
    expect(paused && mergeProgress(paused, stored, { ...upload, progress: reported })).toBe(stored);
  });
});

describe('getLeftBytes', () => {
  it('counts as the time left does, and without it what was not uploaded', () => {
    expect(getLeftBytes({ ...reported, secondsLeft: 3 })).toBe(150);
    expect(getLeftBytes(stored)).toBe(200);
  });
});

describe('withoutRate', () => {
  it('keeps the bytes, and an object without a rate', () => {
    expect(withoutRate(reported)).toEqual({ ...stored, inFlight: [2] });
    expect(withoutRate(stored)).toBe(stored);
  });
});
