import { describe, expect, it } from 'vitest';
import { ByteRate } from '../../../../src/page/background-fetch/byte-rate.ts';

const MB = 1_000_000;

/** What a browser counts that has two requests of 4 MB at once on a link of 500 kB/s. */
function staircase(pairs: number): [bytes: number, at: number][] {
  return Array.from({ length: pairs }, (_, n) => [8 * (n + 1) * MB, 16_000 * n]);
}

describe('the pace of what the browser sends', () => {
  it('is not known before it was seen for half a minute', () => {
    const pace = new ByteRate();
    for (const [bytes, at] of staircase(3)) pace.addSample(bytes, at);
    expect(pace.bytesPerSecond).toBeNull();
    pace.addSample(32 * MB, 48_000);
    expect(pace.bytesPerSecond).toBe(MB / 2);
  });

  it('counts neither what only filled the sockets at first, nor the time that others still needed', () => {
    const pace = new ByteRate();
    pace.addSample(50 * MB, 0);
    pace.addSample(58 * MB, 300_000);
    pace.addSample(78 * MB, 340_000);
    expect(pace.bytesPerSecond).toBe(MB / 2);
  });

  it('is that of the last two minutes', () => {
    const pace = new ByteRate();
    pace.addSample(MB, 0);
    for (const [bytes, at] of staircase(12)) pace.addSample(2 * MB + bytes, 300_000 + at);
    expect(pace.bytesPerSecond).toBe(MB / 2);
  });

  it('does not fall while the same count is told again', () => {
    const pace = new ByteRate();
    for (const [bytes, at] of staircase(4)) pace.addSample(bytes, at);
    pace.addSample(32 * MB, 600_000);
    expect(pace.bytesPerSecond).toBe(MB / 2);
  });
});
