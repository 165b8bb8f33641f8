import { beforeEach, describe, expect, it } from 'vitest';
import { Throughput } from '../../../../src/app/state/throughput.ts';
import type { UploadView } from '../../../../src/page/index.ts';
import type { UploadState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const SIZE = 1e9;

describe('what went over the link', () => {
  let traffic: Throughput;
  let now = 0;

  beforeEach(() => {
    traffic = new Throughput();
    now = Date.now();
  });

  /** So many bytes have arrived in all, and the page looks so many seconds after it looked last. */
  function look(bytesUploaded: number, seconds = 1, state: UploadState = { status: 'uploading' }): void {
    traffic.observe([aView(bytesUploaded, state)]);
    now += seconds * 1000;
    traffic.tick(now, true);
  }

  it('is counted by the second, also where a hidden page looks once a minute', () => {
    look(1000);
    for (let minute = 1; minute <= 3; minute++) look(1000 + minute * 6_000_000, 60);
    expect(traffic.samples).toHaveLength(181);
    expect(traffic.summary.peak).toBeCloseTo(100_000);
    expect(traffic.summary.now).toBeCloseTo(100_000);
  });

  it('has stalled after a minute that was looked at while something was to move, not after one that was slept through', () => {
    look(1000);
    look(1000, 3600);
    expect(traffic.isStalled).toBe(false);
    for (let second = 0; second < 60; second++) look(1000, 1, { status: 'paused' });
    look(1000);
    expect(traffic.isStalled).toBe(false);
    for (let second = 0; second < 60; second++) look(1000);
    expect(traffic.isStalled).toBe(true);
    look(2000);
    expect(traffic.isStalled).toBe(false);
  });
});

function aView(bytesUploaded: number, state: UploadState): UploadView {
  const upload = createUpload({ id: 'a', sizeBytes: SIZE });
  const progress = {
    id: upload.id,
    chunksTotal: 10,
    chunksUploaded: 1,
    bytesAcknowledged: bytesUploaded,
    bytesUploaded,
    bytesTotal: SIZE,
    currentChunk: 1,
    rateBytesPerSecond: null,
    secondsLeft: null,
  };
  return { ...upload, ...state, progress, closeForecast: { kind: 'network', resumesAutomatically: false } };
}
