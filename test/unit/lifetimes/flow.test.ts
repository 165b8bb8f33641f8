import { describe, expect, it } from 'vitest';
import { type Arrival, measureFlow } from '../../lifetimes/flow.ts';

/** A request that received 1000 bytes at each of these seconds. */
function arrival(seconds: readonly number[], outcome: Arrival['outcome'] = 'answered'): Arrival {
  return { startedAt: 0, outcome, slices: seconds.map((s) => ({ at: s * 1000, bytes: 1000 })) };
}

describe('measureFlow', () => {
  it('counts the time between slices except for long gaps', () => {
    const flow = measureFlow([arrival([1, 2, 3]), arrival([13, 14, 15])], 0, 20_000);
    expect(flow).toMatchObject({ flowedMs: 5000, longestGapMs: 10_000, firstAfterMs: 1000, lastAfterMs: 15_000 });
    expect(flow.bytes).toBe(6000);
  });

  it('joins requests that overlap', () => {
    expect(measureFlow([arrival([0, 2, 4]), arrival([1, 3, 5])], 0, 5000)).toMatchObject({
      flowedMs: 5000,
      longestGapMs: 1000,
    });
  });

  it('counts the bytes of a cut request as lost', () => {
    const flow = measureFlow([arrival([1, 2, 3, 4], 'cut'), arrival([10])], 0, 11_000);
    expect(flow).toMatchObject({ cut: 1, lostBytes: 4000, bytes: 1000, longestGapMs: 10_000 });
  });

  it('reports no flow when nothing arrived', () => {
    const flow = measureFlow([arrival([1])], 5000, 9000);
    expect(flow).toMatchObject({
      flowedMs: 0,
      longestGapMs: 4000,
      firstAfterMs: null,
      lastAfterMs: null,
      bytes: 0,
      cut: 0,
    });
  });
});
