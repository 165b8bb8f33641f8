import { describe, expect, it } from 'vitest';
import { ByteRate } from '../../../../src/page/background-fetch/byte-rate.ts';

const MB = 1_000_000;

/** The byte counts of a browser with two requests of 4 MB at once on a link of 500 kB/s. */
function staircase(pairs: number): [bytes: number, at: number][] {
  return Array.from({ length: pairs }, (_, n) => [8 * (n + 1) * MB, 16_000 * n]);
}

describe('ByteRate', () => {
  it('is null until the samples span half a minute', () => {
    const rate = new ByteRate();
    for (const [bytes, at] of staircase(3)) rate.addSample(bytes, at);
    expect(rate.bytesPerSecond).toBeNull();
    rate.addSample(32 * MB, 48_000);
    expect(rate.bytesPerSecond).toBe(MB / 2);
  });

  it('leaves out the first sample, which only filled socket buffers', () => {
    const rate = new ByteRate();
    rate.addSample(50 * MB, 0);
    rate.addSample(58 * MB, 300_000);
    rate.addSample(78 * MB, 340_000);
    expect(rate.bytesPerSecond).toBe(MB / 2);
  });

  it('averages the last two minutes', () => {
    const rate = new ByteRate();
    rate.addSample(MB, 0);
    for (const [bytes, at] of staircase(12)) rate.addSample(2 * MB + bytes, 300_000 + at);
    expect(rate.bytesPerSecond).toBe(MB / 2);
  });

  it('does not fall while the count stays the same', () => {
    const rate = new ByteRate();
    for (const [bytes, at] of staircase(4)) rate.addSample(bytes, at);
    rate.addSample(32 * MB, 600_000);
    expect(rate.bytesPerSecond).toBe(MB / 2);
  });
});
