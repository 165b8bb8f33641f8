import { describe, expect, it } from 'vitest';
import { Concurrency } from '../../../../sw/server/concurrency.ts';
import { MAX_IN_FLIGHT } from '../../../../sw/server/http-transport.ts';

const MB = 1e6;

/** Responses to chunks of 1 MB. `everyMs` says how many ms apart, by the number in flight. */
class ResponseStream {
  readonly concurrency: Concurrency;
  now = 0;
  readonly #everyMs: (inFlight: number) => number;

  constructor(
    protocol: keyof typeof MAX_IN_FLIGHT,
    everyMs: (inFlight: number) => number,
    fixed: number | null = null,
  ) {
    this.concurrency = new Concurrency(fixed, () => MAX_IN_FLIGHT[protocol]);
    this.#everyMs = everyMs;
  }

  /** @param requestMs unless given, as long as these requests in flight take (Little's law). */
  receive(count: number, requestMs?: number): number[] {
    return Array.from({ length: count }, () => {
      const { limit } = this.concurrency;
      const everyMs = this.#everyMs(limit);
      const tookMs = requestMs ?? limit * everyMs;
      this.now += everyMs;
      this.concurrency.onAcknowledged({ sizeBytes: MB, tookMs, receivedMs: undefined }, this.now);
      return this.concurrency.limit;
    });
  }
}

/** A connection that a few requests saturate. */
const saturatedBy = (few: number) => (inFlight: number) => 600 / Math.min(few, inFlight);

describe('concurrency', () => {
  it('allows four requests in flight at the basic level', () => {
    const responses = new ResponseStream('basic', saturatedBy(20));
    expect(responses.concurrency.limit).toBe(4);
    expect(Math.max(...responses.receive(50))).toBe(4);
  });

  it('allows five requests over HTTP/1.1 after the first response', () => {
    const responses = new ResponseStream('http1', saturatedBy(20));
    expect(responses.receive(1)).toEqual([5]);
    expect(Math.max(...responses.receive(50))).toBe(5);
  });

  it('adds requests over HTTP/2 while they raise the throughput', () => {
    expect(new ResponseStream('http2', saturatedBy(1000)).receive(1000).at(-1)).toBe(96);
    expect(new ResponseStream('http2', saturatedBy(50)).receive(1000).at(-1)).toBe(48);
  });

  it('returns to fewer streams if more do not pay', () => {
    expect(new ResponseStream('http2', saturatedBy(5)).receive(1000).at(-1)).toBe(24);
  });

  it('starts with the number of streams that paid before', () => {
    const concurrency = new Concurrency(null, () => MAX_IN_FLIGHT.http2, 64);
    expect([concurrency.limit, concurrency.streams]).toEqual([64, null]);
  });

  it('keeps the limit through single slow rounds', () => {
    let count = 0;
    const uneven = (inFlight: number) => (600 / inFlight) * (count++ % 40 < 5 ? 1.5 : 1);
    expect(Math.min(...new ResponseStream('http1', uneven).receive(200))).toBe(4);
  });

  it('keeps the limit although file sizes vary', () => {
    const concurrency = new Concurrency(null, () => MAX_IN_FLIGHT.http1);
    // 1 to 3 MB, in an order without a pattern. The server's response takes most of the time.
    const sizes = Array.from({ length: 300 }, (_, n) => MB * (1 + ((n * 137) % 201) / 100));
    let now = 0;
    const limits = sizes.map((sizeBytes) => {
      now += 600 / concurrency.limit;
      concurrency.onAcknowledged({ sizeBytes, tookMs: 600, receivedMs: undefined }, now);
      return concurrency.limit;
    });
    expect(limits.filter((limit) => limit < 5).length).toBeLessThan(30);
  });

  it('halves the limit once per congestion, and recovers step by step', () => {
    const responses = new ResponseStream('http1', saturatedBy(20));
    responses.receive(20);
    const { concurrency, now } = responses;
    for (const startedAt of [now - 5, now - 4, now - 3]) concurrency.onCongestion(startedAt, now);
    expect(concurrency.limit).toBe(2);
    concurrency.onCongestion(now + 1, now + 2);
    expect(concurrency.limit).toBe(1);
    responses.now += 10;
    expect(responses.receive(10)).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 5]);
  });

  it('lowers the limit if requests take over 30 s', () => {
    const responses = new ResponseStream('http1', () => 10_000);
    expect(responses.receive(4, 40_000).at(-1)).toBe(1);
  });

  it('never exceeds a configured limit', () => {
    const responses = new ResponseStream('http2', saturatedBy(20), 2);
    expect(responses.concurrency.limit).toBe(2);
    expect(Math.max(...responses.receive(50))).toBe(2);
  });
});
