import { describe, expect, it } from 'vitest';
import { Concurrency } from '../../../../sw/server/concurrency.ts';
import { MAX_IN_FLIGHT } from '../../../../sw/server/http-transport.ts';

const MB = 1e6;

/**
 * Answers to chunks of 1 MB, each as many ms after the one before as `everyMs` says for the number
 * in flight.
 */
class Answers {
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

  come(count: number, tookMs = 1000): number[] {
    return Array.from({ length: count }, () => {
      this.now += this.#everyMs(this.concurrency.limit);
      this.concurrency.onAcknowledged(MB, tookMs, this.now);
      return this.concurrency.limit;
    });
  }
}

/** A link that a few requests can fill: more beside them only wait. */
const filledBy = (few: number) => (inFlight: number) => 600 / Math.min(few, inFlight);

describe('concurrency', () => {
  it('allows four requests in flight at the basic level', () => {
    const answers = new Answers('basic', filledBy(20));
    expect(answers.concurrency.limit).toBe(4);
    expect(Math.max(...answers.come(50))).toBe(4);
  });

  it('allows five requests over HTTP/1.1 after the first response', () => {
    const answers = new Answers('http1', filledBy(20));
    expect(answers.come(1)).toEqual([5]);
    expect(Math.max(...answers.come(50))).toBe(5);
  });

  it('adds requests over HTTP/2 while they raise the throughput', () => {
    expect(Math.max(...new Answers('http2', filledBy(20)).come(100))).toBe(8);
    // Past what fills the link each more makes all of them slower.
    const crowded = new Answers('http2', (inFlight) => 100 + 30 * Math.max(0, inFlight - 5));
    expect(Math.max(...crowded.come(200))).toBe(6);
  });

  it('keeps the limit through single slow rounds', () => {
    let answer = 0;
    const uneven = (inFlight: number) => (600 / inFlight) * (answer++ % 40 < 5 ? 1.5 : 1);
    expect(Math.min(...new Answers('http1', uneven).come(200))).toBe(4);
  });

  it('keeps the limit although file sizes vary', () => {
    const concurrency = new Concurrency(null, () => MAX_IN_FLIGHT.http1);
    // 1 to 3 MB, in an order without a pattern; the wait for the answer is most of what each takes.
    const sizes = Array.from({ length: 300 }, (_, n) => MB * (1 + ((n * 137) % 201) / 100));
    let now = 0;
    const limits = sizes.map((sizeBytes) => {
      now += 600 / concurrency.limit;
      concurrency.onAcknowledged(sizeBytes, 600, now);
      return concurrency.limit;
    });
    expect(limits.filter((limit) => limit < 5).length).toBeLessThan(30);
  });

  it('halves the limit once per congestion, and recovers step by step', () => {
    const answers = new Answers('http1', filledBy(20));
    answers.come(20);
    const { concurrency, now } = answers;
    for (const startedAt of [now - 5, now - 4, now - 3]) concurrency.onCongestion(startedAt, now);
    expect(concurrency.limit).toBe(2);
    concurrency.onCongestion(now + 1, now + 2);
    expect(concurrency.limit).toBe(1);
    answers.now += 10;
    expect(answers.come(10)).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 5]);
  });

  it('lowers the limit if requests take over 30 s', () => {
    const answers = new Answers('http1', () => 10_000);
    expect(answers.come(4, 40_000).at(-1)).toBe(1);
  });

  it('never exceeds a configured limit', () => {
    const answers = new Answers('http2', filledBy(20), 2);
    expect(answers.concurrency.limit).toBe(2);
    expect(Math.max(...answers.come(50))).toBe(2);
  });
});
