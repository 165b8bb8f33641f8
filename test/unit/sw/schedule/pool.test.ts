import { describe, expect, it } from 'vitest';
import { Pool } from '../../../../sw/schedule/pool.ts';
import type { Flight } from '../../../../sw/send/pipeline.ts';
import { SESSION_CHUNK_BYTES } from '../../../../sw/send/planner.ts';
import { Concurrency } from '../../../../sw/server/concurrency.ts';
import { Meter } from '../../../../sw/server/meter.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';

const MINUTE_MS = 60_000;

/** When a request of this size that never ends is given up, in whole minutes. */
function minutesUntilAborted(sizeBytes: number, rate: number | null): number {
  let now = 0;
  const clock = createTickClock(() => now);
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

describe('a request that may not end in time', () => {
  const clock = createTickClock(() => 0);
  const fits = (meter: Meter) => new Pool(clock, meter, new Concurrency(4), MINUTE_MS).fitsDeadline(50e6);

  it('does not start where the rate was measured', () => {
    expect(fits(new Meter(100_000, null, 4))).toBe(false);
    expect(fits(new Meter(1e6, null, 4))).toBe(true);
  });

  it('starts where the rate is only guessed: with no tab open it would otherwise never be sent', () => {
    expect(fits(new Meter(null, 100_000, 4))).toBe(true);
  });
});

describe('a request that stands still', () => {
  it('is given up after a minute when it is small, or the link is known to be fast', () => {
    expect(minutesUntilAborted(1e6, null)).toBe(1);
    expect(minutesUntilAborted(50e6, 10e6)).toBe(1);
  });

  it('has four times the time that the rate explains', () => {
    expect(minutesUntilAborted(60e6, 1e6)).toBe(4);
  });

  it('is not waited for by a rate that only tiny files can have', () => {
    expect(minutesUntilAborted(1e6, 10)).toBe(3);
  });

  it('has the time of a slow link while nothing is known of the rate', () => {
    expect(minutesUntilAborted(60e6, null)).toBe(8);
  });
});

describe('requests that start together', () => {
  const MB = 1e6;

  /** Ms until the next may start beside one of this size that has just started. */
  function pauseMs(sizeBytes: number, before: number | null, guess: number | null): number {
    const clock = createTickClock(() => 0);
    const pool = new Pool(clock, new Meter(before, guess, 4), new Concurrency(4), 1000 * MINUTE_MS);
    const job = { kind: 'send', index: 0, sizeBytes, chunk: { index: 0, start: 0, end: sizeBytes } } as const;
    pool.add({ job, startedAt: 0, controller: new AbortController() }, () => new Promise(() => undefined));
    return pool.startDelayMs;
  }

  it('are kept apart by their size and what the link carried before, until one has been answered', () => {
    expect(pauseMs(10 * MB, 10 * MB, null)).toBeCloseTo(800, 0);
    expect(pauseMs(MB, 10 * MB, null)).toBeCloseTo(80, 0);
  });

  it('are not kept apart from one that only opens a session, which says nothing of how long they take', () => {
    let now = 0;
    const pool = new Pool(
      createTickClock(() => now),
      new Meter(null, null, 4),
      new Concurrency(4),
      1000 * MINUTE_MS,
    );
    const start = (sizeBytes: number): Flight => {
      const job = { kind: 'send', index: 0, sizeBytes, chunk: { index: 0, start: 0, end: sizeBytes } } as const;
      const flight = { job, startedAt: now, controller: new AbortController() };
      pool.add(flight, () => new Promise(() => undefined));
      return flight;
    };
    const first = start(2 * MB);
    now = 16_000;
    pool.remove(first, 'acknowledged');
    start(2 * MB);
    expect(pool.startDelayMs).toBeCloseTo(3200, 0);
    expect(pool.isTooSoon(SESSION_CHUNK_BYTES)).toBe(false);
    const session = start(SESSION_CHUNK_BYTES);
    now += 200;
    pool.remove(session, 'acknowledged');
    expect(pool.startDelayMs).toBeCloseTo(3000, 0);
    expect(pool.isTooSoon(2 * MB)).toBe(true);
    now += 3000;
    expect(pool.isTooSoon(2 * MB)).toBe(false);
  });

  it('start at once where nothing was measured, whatever the browser guesses', () => {
    expect(pauseMs(10 * MB, null, null)).toBe(0);
    expect(pauseMs(10 * MB, null, 1000)).toBe(0);
  });
});
