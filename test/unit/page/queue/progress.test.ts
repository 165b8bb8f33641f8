import { describe, expect, it } from 'vitest';
import { mergeProgress } from '../../../../src/page/queue/progress.ts';
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
const told: Progress = { ...stored, rateBytesPerSecond: 50, secondsLeft: 4, inFlight: [2] };
const upload = createUpload({ sizeBytes: 400 });

describe('how far an upload is that is being sent', () => {
  it('is what its sender says, who knows what has left since', () => {
    const ahead = { ...told, bytesUploaded: 260 };
    expect(mergeProgress(upload, stored, { ...upload, progress: ahead })).toBe(ahead);
  });

  it('keeps its rate and what is on the way when the database has more receipts than were told of', () => {
    const behind = { ...told, chunksUploaded: 1, bytesAcknowledged: 100, bytesUploaded: 160, currentChunk: 1 };
    expect(mergeProgress(upload, stored, { ...upload, progress: behind })).toEqual(told);
    const guessed = { ...behind, bytesUploaded: 230 };
    expect(mergeProgress(upload, stored, { ...upload, progress: guessed })).toEqual({ ...told, bytesUploaded: 230 });
  });

  it('is what the database says, when it is another plan or nothing is sent any more', () => {
    expect(mergeProgress(upload, stored, { ...upload, generation: 1, progress: told })).toBe(stored);
    expect(mergeProgress(upload, stored, { ...upload, progress: { ...told, chunksTotal: 8 } })).toBe(stored);
    const paused = withState(upload, { status: 'paused' });
    expect(paused && mergeProgress(paused, stored, { ...upload, progress: told })).toBe(stored);
  });
});
