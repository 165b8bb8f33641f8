import { describe, expect, it } from 'vitest';
import { Pool } from '../../../../sw/schedule/pool.ts';
import type { RequestInFlight } from '../../../../sw/send/jobs.ts';
import { Concurrency } from '../../../../sw/server/concurrency.ts';
import { MAX_IN_FLIGHT } from '../../../../sw/server/http-transport.ts';
import { Meter } from '../../../../sw/server/meter.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';

const MIB = 1024 * 1024;
const STEP_MS = 1;

/** A simulated link: requests share its rate, and every response takes time. */
interface Link {
  readonly bytesPerMs: number;
  readonly answerMs: number;
}

interface Sending {
  readonly request: RequestInFlight;
  left: number;
  answerAt: number | null;
}

/** Ms until all of these equal chunks are acknowledged, chunk 0 alone before the others. */
function msFor(
  link: Link,
  chunks: number,
  sizeBytes: number,
  protocol: keyof typeof MAX_IN_FLIGHT,
  isPaced = true,
): number {
  let now = 0;
  const clock = createTickClock(() => now);
  const concurrency = new Concurrency(null, () => MAX_IN_FLIGHT[protocol]);
  const meter = new Meter(null, null, concurrency.limit);
  const limits = { meter, concurrency, maxFlightBytes: Number.POSITIVE_INFINITY };
  const pool = new Pool(clock, limits, Number.POSITIVE_INFINITY);
  const sendings = new Set<Sending>();
  let begun = 0;
  for (let answered = 0; answered < chunks; now += STEP_MS) {
    const mayStart = () => begun < (answered === 0 ? 1 : chunks) && pool.hasRoom && !(isPaced && pool.startDelayMs > 0);
    while (mayStart()) {
      begun++;
      const request = { sizeBytes, startedAt: now, controller: new AbortController() };
      pool.add(request, async () => undefined);
      sendings.add({ request, left: sizeBytes, answerAt: null });
    }
    const active = [...sendings].filter(({ answerAt }) => answerAt === null);
    for (const sending of active) sending.left -= (link.bytesPerMs * STEP_MS) / active.length;
    for (const sending of sendings) {
      if (sending.answerAt === null && sending.left <= 0) sending.answerAt = now + link.answerMs;
      if (sending.answerAt === null || sending.answerAt > now) continue;
      sendings.delete(sending);
      pool.remove(sending.request, 'acknowledged');
      answered++;
    }
  }
  return now;
}

// 200 MiB in chunks of 10 MiB over 500 Mbit/s; every response takes half a second.
const link: Link = { bytesPerMs: 62_500, answerMs: 540 };
const [chunks, sizeBytes] = [20, 10 * MIB];
const idealMs = (chunks * sizeBytes) / link.bytesPerMs + 40;
/** The lower bound: all bytes on a full link, plus the waits for the first and last response. */
const boundMs = idealMs - 40 + 2 * link.answerMs;

describe('Pool: throughput', () => {
  it('keeps the link busy by spacing the starts', () => {
    expect(msFor(link, chunks, sizeBytes, 'http1')).toBeLessThan(1.05 * boundMs);
    expect(msFor(link, chunks, sizeBytes, 'basic')).toBeLessThan(1.1 * boundMs);
  });

  it('leaves the link idle without spacing', () => {
    expect(msFor(link, chunks, sizeBytes, 'http1', false)).toBeGreaterThan(1.25 * boundMs);
  });

  it('costs little if every connection has its own limit', () => {
    // The link is no bottleneck, like five connections with a limit of their own each.
    const wide: Link = { bytesPerMs: 1e9, answerMs: 1000 };
    const paced = msFor(wide, 50, sizeBytes, 'http1');
    expect(paced).toBeLessThan(1.1 * msFor(wide, 50, sizeBytes, 'http1', false));
  });
});
