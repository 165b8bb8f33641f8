import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../sw/ports/clock.ts';
import { Pool } from '../../../../sw/schedule/pool.ts';
import type { RequestInFlight } from '../../../../sw/send/jobs.ts';
import { SESSION_CHUNK_BYTES } from '../../../../sw/send/planner.ts';
import { Concurrency } from '../../../../sw/server/concurrency.ts';
import { Meter } from '../../../../sw/server/meter.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';

const MINUTE_MS = 60_000;

function createRequest(sizeBytes: number, startedAt = 0): RequestInFlight {
  return { sizeBytes, startedAt, controller: new AbortController() };
}

function createPool(clock: Clock, meter: Meter, deadline: number, maxFlightBytes = Number.POSITIVE_INFINITY): Pool {
  return new Pool(clock, { meter, concurrency: new Concurrency(4), maxFlightBytes }, deadline);
}

/** After how many whole minutes a request of this size that never ends is aborted. */
function minutesUntilAborted(sizeBytes: number, rate: number | null): number {
  let now = 0;
  const clock = createTickClock(() => now);
  const pool = createPool(clock, new Meter(rate, null, 4), 1000 * MINUTE_MS);
  const request = createRequest(sizeBytes);
  pool.add(request, () => new Promise(() => undefined));
  while (!request.controller.signal.aborted && now < 100 * MINUTE_MS) {
    now += MINUTE_MS;
    pool.abortStalled();
  }
  return now / MINUTE_MS;
}

describe('Pool: deadline', () => {
  const clock = createTickClock(() => 0);
  const fits = (meter: Meter) => createPool(clock, meter, MINUTE_MS).fitsDeadline(50e6);

  it('starts no request that the measured rate cannot finish in time', () => {
    expect(fits(new Meter(100_000, null, 4))).toBe(false);
    expect(fits(new Meter(1e6, null, 4))).toBe(true);
  });

  it('starts a request if the rate is only an estimate', () => {
    expect(fits(new Meter(null, 100_000, 4))).toBe(true);
  });
});

describe('Pool: stall', () => {
  it('aborts a small request, or one on a fast link, after a minute', () => {
    expect(minutesUntilAborted(1e6, null)).toBe(1);
    expect(minutesUntilAborted(50e6, 10e6)).toBe(1);
  });

  it('waits four times as long as the rate explains', () => {
    expect(minutesUntilAborted(60e6, 1e6)).toBe(4);
  });

  it('ignores a rate that only tiny files can have', () => {
    expect(minutesUntilAborted(1e6, 10)).toBe(3);
  });

  it('assumes a link of 1 Mbit/s while the rate is unknown', () => {
    expect(minutesUntilAborted(60e6, null)).toBe(8);
  });
});

describe('Pool: spacing of starts', () => {
  const MB = 1e6;

  /** Ms until the next request may start after one of this size has just started. */
  function measureDelayMs(sizeBytes: number, previousRate: number | null, estimate: number | null): number {
    const clock = createTickClock(() => 0);
    const pool = createPool(clock, new Meter(previousRate, estimate, 4), 1000 * MINUTE_MS);
    pool.add(createRequest(sizeBytes), () => new Promise(() => undefined));
    return pool.startDelayMs;
  }

  it('spaces by size and previous rate until a response arrives', () => {
    expect(measureDelayMs(10 * MB, 10 * MB, null)).toBeCloseTo(800, 0);
    expect(measureDelayMs(MB, 10 * MB, null)).toBeCloseTo(80, 0);
  });

  it('does not space requests that only open a session', () => {
    let now = 0;
    const clock = createTickClock(() => now);
    const pool = createPool(clock, new Meter(null, null, 4), 1000 * MINUTE_MS);
    const start = (sizeBytes: number): RequestInFlight => {
      const request = createRequest(sizeBytes, now);
      pool.add(request, () => new Promise(() => undefined));
      return request;
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

  it('spaces nothing without a measured rate', () => {
    expect(measureDelayMs(10 * MB, null, null)).toBe(0);
    expect(measureDelayMs(10 * MB, null, 1000)).toBe(0);
  });
});
