import { beforeEach, describe, expect, it } from 'vitest';
import { Throughput } from '../../../../src/app/state/throughput.ts';
import type { UploadView } from '../../../../src/page/index.ts';
import type { UploadState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const SIZE = 1e9;

describe('Throughput', () => {
  let throughput: Throughput;
  let now = 0;

  beforeEach(() => {
    throughput = new Throughput();
    now = Date.now();
  });

  /** Samples a number of bytes uploaded in all, some seconds after the previous sample. */
  function sample(bytesUploaded: number, seconds = 1, state: UploadState = { status: 'uploading' }): void {
    throughput.observe([createView(bytesUploaded, state)]);
    now += seconds * 1000;
    throughput.tick(now, true);
  }

  it('counts bytes per second, also when a hidden page samples each minute', () => {
    sample(1000);
    for (let minute = 1; minute <= 3; minute++) sample(1000 + minute * 6_000_000, 60);
    expect(throughput.samples).toHaveLength(181);
    expect(throughput.summary.peak).toBeCloseTo(100_000);
    expect(throughput.summary.now).toBeCloseTo(100_000);
  });

  it('shows the rate that the worker reports, as the list does', () => {
    sample(1000);
    throughput.observe([createView(2000, { status: 'uploading' }, 700)]);
    throughput.tick(now + 1000, true);
    expect(throughput.summary.now).toBe(700);
    expect(throughput.isMeasured).toBe(true);
    throughput.observe([createView(2000, { status: 'paused' }, 700)]);
    expect(throughput.summary.now).toBe(200);
    expect(throughput.isMeasured).toBe(false);
  });

  it('stalls after a minute with samples, not after a minute of sleep', () => {
    sample(1000);
    sample(1000, 3600);
    expect(throughput.isStalled).toBe(false);
    for (let second = 0; second < 60; second++) sample(1000, 1, { status: 'paused' });
    sample(1000);
    expect(throughput.isStalled).toBe(false);
    for (let second = 0; second < 60; second++) sample(1000);
    expect(throughput.isStalled).toBe(true);
    sample(2000);
    expect(throughput.isStalled).toBe(false);
  });
});

function createView(bytesUploaded: number, state: UploadState, rate: number | null = null): UploadView {
  const upload = createUpload({ id: 'a', sizeBytes: SIZE });
  const progress = {
    id: upload.id,
    chunksTotal: 10,
    chunksUploaded: 1,
    bytesAcknowledged: bytesUploaded,
    bytesUploaded,
    bytesTotal: SIZE,
    currentChunk: 1,
    rateBytesPerSecond: rate,
    secondsLeft: null,
  };
  const closeForecast = { kind: 'network', resumesAutomatically: false } as const;
  return { ...upload, ...state, progress, closeForecast, lastCause: null, serverProblem: null };
}
