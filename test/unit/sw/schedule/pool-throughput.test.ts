import { describe, expect, it } from 'vitest';
import { Pool } from '../../../../sw/schedule/pool.ts';
import type { Flight } from '../../../../sw/send/pipeline.ts';
import { Concurrency } from '../../../../sw/server/concurrency.ts';
import { MAX_IN_FLIGHT } from '../../../../sw/server/http-transport.ts';
import { Meter } from '../../../../sw/server/meter.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';

const MIB = 1024 * 1024;
const STEP_MS = 1;

/** A link by arithmetic: what is sent at once shares its rate, and the server thinks about each request. */
interface Link {
  readonly bytesPerMs: number;
  readonly answerMs: number;
}

interface Sending {
  readonly flight: Flight;
  left: number;
  answerAt: number | null;
}

/** Ms until equal chunks are all answered; the first one alone, as it brings the session. */
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
  const pool = new Pool(clock, new Meter(null, null, concurrency.limit), concurrency, Number.POSITIVE_INFINITY);
  const sendings = new Set<Sending>();
  let begun = 0;
  for (let answered = 0; answered < chunks; now += STEP_MS) {
    const mayStart = () => begun < (answered === 0 ? 1 : chunks) && pool.hasRoom && !(isPaced && pool.startDelayMs > 0);
    while (mayStart()) {
      const chunk = { index: begun, start: begun * sizeBytes, end: ++begun * sizeBytes };
      const job = { kind: 'send', index: chunk.index, sizeBytes, chunk } as const;
      const flight: Flight = { job, startedAt: now, controller: new AbortController() };
      pool.add(flight, async () => undefined);
      sendings.add({ flight, left: sizeBytes, answerAt: null });
    }
    const active = [...sendings].filter(({ answerAt }) => answerAt === null);
    for (const sending of active) sending.left -= (link.bytesPerMs * STEP_MS) / active.length;
    for (const sending of sendings) {
      if (sending.answerAt === null && sending.left <= 0) sending.answerAt = now + link.answerMs;
      if (sending.answerAt === null || sending.answerAt > now) continue;
      sendings.delete(sending);
      pool.remove(sending.flight, 'acknowledged');
      answered++;
    }
  }
  return now;
}

// 200 MiB in chunks of 10 over 500 Mbit/s, where each request waits half a second for its answer.
const link: Link = { bytesPerMs: 62_500, answerMs: 540 };
const [chunks, sizeBytes] = [20, 10 * MIB];
const idealMs = (chunks * sizeBytes) / link.bytesPerMs + 40;
/** Nothing can be quicker: all bytes on a full link, and two waits, for the first answer and the last. */
const boundMs = idealMs - 40 + 2 * link.answerMs;

describe('chunks that share a link', () => {
  it('are kept out of step, so that the link is hardly ever idle', () => {
    expect(msFor(link, chunks, sizeBytes, 'http1')).toBeLessThan(1.05 * boundMs);
    expect(msFor(link, chunks, sizeBytes, 'basic')).toBeLessThan(1.1 * boundMs);
  });

  it('would otherwise start and wait together', () => {
    expect(msFor(link, chunks, sizeBytes, 'http1', false)).toBeGreaterThan(1.25 * boundMs);
  });

  it('are held back little where they do not share: each connection has its own limit', () => {
    // As good as a link of which each of five has a fifth: it is no bottleneck to all together.
    const wide: Link = { bytesPerMs: 1e9, answerMs: 1000 };
    const paced = msFor(wide, 50, sizeBytes, 'http1');
    expect(paced).toBeLessThan(1.1 * msFor(wide, 50, sizeBytes, 'http1', false));
  });
});
