import { describe, expect, it } from 'vitest';
import { addDownTime, generateResetBytes, getCutPhase, getTransferMs } from '../../bench/link/schedule.ts';

const CUTS = { upMs: 12_000, downMs: 3000 };

describe('cuts', () => {
  it('start with the link up and repeat', () => {
    expect(getCutPhase(CUTS, 0)).toEqual({ isUp: true, leftMs: 12_000 });
    expect(getCutPhase(CUTS, 12_000)).toEqual({ isUp: false, leftMs: 3000 });
    expect(getCutPhase(CUTS, 14_999)).toEqual({ isUp: false, leftMs: 1 });
    expect(getCutPhase(CUTS, 15_000)).toEqual({ isUp: true, leftMs: 12_000 });
  });

  it('add the down time between the parts of some work', () => {
    expect(addDownTime(CUTS, 12_000)).toBe(12_000);
    expect(addDownTime(CUTS, 12_001)).toBe(15_001);
    expect(addDownTime(CUTS, 31_460)).toBe(37_460);
  });
});

describe('rate steps', () => {
  const STEPS = [
    { afterMs: 4000, bytesPerSecond: 1e6 },
    { afterMs: 24_000, bytesPerSecond: 25e6 },
  ];

  it('do not matter for bytes that arrive before them', () => {
    expect(getTransferMs(25e6, STEPS, 50e6)).toBe(2000);
    expect(getTransferMs(25e6, [], 500e6)).toBe(20_000);
  });

  it('apply in order', () => {
    expect(getTransferMs(25e6, STEPS, 110e6)).toBe(14_000);
    expect(getTransferMs(25e6, STEPS, 220e6)).toBe(28_000);
  });
});

describe('resets', () => {
  it('come after the same numbers of bytes for the same seed', () => {
    expect(take(generateResetBytes(8e6), 100)).toEqual(take(generateResetBytes(8e6), 100));
    expect(take(generateResetBytes(8e6, 2), 100)).not.toEqual(take(generateResetBytes(8e6), 100));
  });

  it('are exponentially distributed', () => {
    const values = take(generateResetBytes(1e6), 10_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean / 1e6).toBeCloseTo(1, 1);
    expect(values.filter((value) => value > 1e6).length / values.length).toBeCloseTo(Math.exp(-1), 1);
    expect(Math.min(...values)).toBeGreaterThan(0);
  });
});

function take(values: Iterator<number, never>, count: number): number[] {
  return Array.from({ length: count }, () => values.next().value);
}
