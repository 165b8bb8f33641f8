import { describe, expect, it } from 'vitest';
import { ArrivalRate } from '../../../../sw/send/arrival-rate.ts';
import { FairLink, type FairLinkOptions } from '../../../fixtures/fair-link.ts';

const MB = 1e6;
const STEP_MS = 50;

interface LinkOptions extends FairLinkOptions {
  readonly chunkBytes: number;
  readonly inFlight: number;
  /** From one answer of the server about chunks in flight to the next; none unless given. */
  readonly pollMs?: number;
  /** From one start to the next. */
  readonly spacingMs?: number;
}

/** An endless upload in chunks, and an `ArrivalRate` that hears of it what a worker hears. */
function createUpload({ chunkBytes, inFlight, pollMs, spacingMs = 0, ...options }: LinkOptions) {
  const link = new FairLink<number>(options);
  const arrivals = new ArrivalRate<number>();
  let index = 0;
  let startedAt = Number.NEGATIVE_INFINITY;

  const start = () => {
    if (link.size >= inFlight || link.now - startedAt < spacingMs) return;
    startedAt = link.now;
    link.start(++index, chunkBytes);
    arrivals.start(index, chunkBytes, link.now);
  };
  const poll = () => {
    for (const request of link.requests) arrivals.update(request, link.getSentBytes(request), link.now);
  };
  /** Sends for some time, and returns the rate after each step. */
  const run = (ms: number) => {
    const rates: (number | null)[] = [];
    for (const until = link.now + ms; link.now < until; ) {
      start();
      for (const request of link.advance(STEP_MS)) arrivals.end(request, true, link.now);
      if (pollMs && link.now % pollMs === 0) poll();
      rates.push(arrivals.getRate(link.now));
    }
    return rates;
  };
  return { run, getRate: () => arrivals.getRate(link.now) };
}

/** The largest relative distance from a rate; infinite where nothing is measured. */
function getLargestError(rates: readonly (number | null)[], expected: number): number {
  return Math.max(...rates.map((rate) => (rate === null ? Number.POSITIVE_INFINITY : Math.abs(rate / expected - 1))));
}

/** The largest relative change from one step to the next. */
function getLargestJump(rates: readonly (number | null)[]): number {
  return Math.max(...rates.slice(1).map((rate, i) => Math.abs((rate ?? 0) / (rates[i] ?? 0) - 1)));
}

const steady = () => MB;

describe('ArrivalRate', () => {
  it('measures nothing before the first bytes have arrived', () => {
    const upload = createUpload({ rate: steady, chunkBytes: 20 * MB, inFlight: 4 });
    expect(new Set(upload.run(60_000))).toEqual(new Set([null]));
  });

  it('measures nothing by a few bytes, or in a moment', () => {
    const tiny = createUpload({ rate: steady, chunkBytes: 1000, inFlight: 1, waitMs: 500 });
    expect(new Set(tiny.run(20_000))).toEqual(new Set([null]));
    const fast = createUpload({ rate: () => 100 * MB, chunkBytes: MB, inFlight: 2 });
    expect(new Set(fast.run(1900))).toEqual(new Set([null]));
  });

  it.each([
    ['reports of chunks in flight', { chunkBytes: 16 * MB, inFlight: 5, pollMs: 1500 }],
    ['small chunks', { chunkBytes: MB, inFlight: 2 }],
    ['small chunks and a slow server', { chunkBytes: 2 * MB, inFlight: 3, waitMs: 200 }],
  ])('is within 5 %% of a steady link from 10 s on, by %s', (_name, options) => {
    const upload = createUpload({ rate: steady, ...options });
    upload.run(10_000);
    const rates = upload.run(60_000);
    expect(getLargestError(rates, MB)).toBeLessThan(0.05);
    expect(getLargestJump(rates)).toBeLessThan(0.02);
  });

  it.each([
    ['together', { chunkBytes: 16 * MB, inFlight: 4 }],
    ['apart', { chunkBytes: 16 * MB, inFlight: 4, spacingMs: 12_000 }],
    ['apart, to a slow server', { chunkBytes: 8 * MB, inFlight: 5, spacingMs: 6000, waitMs: 500 }],
  ])('is within 15 %% by bursts of large chunks that start %s', (_name, options) => {
    const upload = createUpload({ rate: steady, ...options });
    upload.run(70_000);
    const rates = upload.run(120_000);
    expect(getLargestError(rates, MB)).toBeLessThan(0.15);
    expect(getLargestJump(rates)).toBeLessThan(0.1);
  });

  it('follows a change of rate within 20 s, in small steps', () => {
    const rate = (now: number) => (now < 30_000 ? 4 * MB : MB);
    const upload = createUpload({ rate, chunkBytes: 16 * MB, inFlight: 4, pollMs: 1500 });
    upload.run(30_000);
    const rates = upload.run(20_000);
    expect(upload.getRate()).toBeLessThan(1.5 * MB);
    expect(getLargestJump(rates)).toBeLessThan(0.15);
    upload.run(20_000);
    expect(Math.abs((upload.getRate() ?? 0) / MB - 1)).toBeLessThan(0.15);
  });

  it.each([
    ['reports of chunks in flight', 1500],
    ['overdue responses alone', 0],
  ])('falls while the link stalls, known by %s', (_name, pollMs) => {
    const rate = (now: number) => (now < 30_000 ? MB : 0);
    const upload = createUpload({ rate, chunkBytes: 2 * MB, inFlight: 2, pollMs });
    upload.run(30_000);
    const rates = upload.run(30_000);
    const ascents = rates.slice(1).map((next, i) => (next ?? 0) - (rates[i] ?? 0));
    expect(Math.max(...ascents)).toBeLessThanOrEqual(0);
    expect(upload.getRate()).toBeLessThan(0.4 * MB);
  });

  it('counts idle time as nothing', () => {
    const arrivals = new ArrivalRate<string>();
    arrivals.start('a', 4 * MB, 0);
    arrivals.end('a', true, 4000);
    arrivals.start('b', 4 * MB, 600_000);
    arrivals.end('b', true, 604_000);
    expect(arrivals.getRate(604_000)).toBeCloseTo(MB, -1);
  });

  it('learns nothing from a chunk that a proxy holds or a cut has lost', () => {
    const arrivals = new ArrivalRate<string>();
    arrivals.start('a', 4 * MB, 0);
    arrivals.end('a', true, 4000);
    arrivals.start('held', 4 * MB, 4000);
    arrivals.update('held', 0, 7000);
    expect(arrivals.getRate(7000)).toBeCloseTo(MB, -1);
    arrivals.end('held', false, 7500);
    expect(arrivals.getRate(7500)).toBeCloseTo(MB, -1);
  });

  it('estimates the bytes of each request by its share, at most its rest', () => {
    const arrivals = new ArrivalRate<string>();
    arrivals.start('a', 3 * MB, 0);
    arrivals.start('b', 30 * MB, 0);
    arrivals.update('a', MB, 2000);
    expect(arrivals.estimateMoreBytes('a', 2 * MB, 3000)).toBeCloseTo(MB);
    expect(arrivals.estimateMoreBytes('b', 2 * MB, 3000)).toBeCloseTo(3 * MB);
    expect(arrivals.estimateMoreBytes('a', 2 * MB, 9000)).toBeCloseTo(2 * MB);
    expect(arrivals.estimateMoreBytes('gone', 2 * MB, 9000)).toBe(0);
  });
});
