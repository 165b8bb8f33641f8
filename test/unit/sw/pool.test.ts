import { describe, expect, it } from 'vitest';
import { Concurrency } from '../../../sw/concurrency.ts';
import { Meter } from '../../../sw/meter.ts';
import type { Flight } from '../../../sw/pipeline.ts';
import { Pool } from '../../../sw/pool.ts';

const MINUTE_MS = 60_000;

/** When a request of this size that never ends is given up, in whole minutes. */
function minutesUntilAborted(sizeBytes: number, rate: number | null): number {
  let now = 0;
  const clock = { now: () => 0, ticks: () => now, random: () => 0, sleep: () => new Promise<void>(() => undefined) };
  const pool = new Pool(clock, new Meter(rate, null, 4), new Concurrency(4), 1000 * MINUTE_MS);
  const job = { kind: 'send', index: 0, sizeBytes, chunk: { index: 0, start: 0, end: sizeBytes } } as const;
  const flight: Flight = { job, startedAt: 0, controller: new AbortController() };
  pool.add(flight, () => new Promise(() => undefined));
  while (!flight.controller.signal.aborted && now < 100 * MINUTE_MS) {
    now += MINUTE_MS;
    pool.abortStalled();
  }
  return now / MINUTE_MS;
}

describe('a request that stands still', () => {
  it('is given up after a minute when it is small, or the link is known to be fast', () => {
    expect(minutesUntilAborted(1e6, null)).toBe(1);
    expect(minutesUntilAborted(50e6, 10e6)).toBe(1);
  });

  it('has four times the time that the rate explains', () => {
    expect(minutesUntilAborted(60e6, 1e6)).toBe(4);
  });

  it('has the time of a slow link while nothing is known of the rate', () => {
    expect(minutesUntilAborted(60e6, null)).toBe(8);
  });
});
