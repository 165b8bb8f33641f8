import { describe, expect, it } from 'vitest';
import { getCapabilities } from '../../../../src/shared/http/features.ts';
import type { Transport } from '../../../../sw/ports/transport.ts';
import type { Flight } from '../../../../sw/send/jobs.ts';
import { Pipeline } from '../../../../sw/send/pipeline.ts';
import { ReceivingMonitor } from '../../../../sw/send/receiving-monitor.ts';
import { Reporter } from '../../../../sw/send/reporter.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MB = 1e6;
const STEP_MS = 100;

/** One chunk in flight to a server that has received half of it, and the requests about it. */
function createRun({ isVisible = true, features = ['idempotency_key', 'status', 'receiving'] } = {}) {
  let now = 0;
  const asked: number[] = [];
  const signals: AbortSignal[] = [];
  const state = {
    isLinkUp: true,
    answer: async (): Promise<ReadonlyMap<number, number>> => new Map([[0, MB]]),
  };
  const clock = createTickClock(() => now);
  const tabs = { post: async () => undefined, count: async () => 1, hasVisible: async () => isVisible };
  const isLinkUp = () => state.isLinkUp;
  const reporter = new Reporter(tabs, clock, isLinkUp);
  const transport: Pick<Transport, 'readReceiving'> = {
    readReceiving: (_upload, _indices, { signal }) => {
      asked.push(now);
      signals.push(signal);
      return state.answer();
    },
  };
  const profile = { features, rejectsExtraFields: false, rateBytesPerSecond: null };
  const server = {
    capabilities: getCapabilities(profile),
    transport,
    credentials: { userId: 'ada', accessToken: 't' },
  };
  const monitor = new ReceivingMonitor({ clock, tabs, server, reporter, isLinkUp, onNews: () => undefined });
  const plan = { way: 'chunks', chunkBytes: 2 * MB, ramp: [] } as const;
  const pipeline = new Pipeline(createUpload({ sizeBytes: 20 * MB, plan }), plan, [], false);
  const job = pipeline.nextJob(0, 'any');
  if (!job) throw new Error('There is nothing to send.');
  const flight: Flight = { job, startedAt: 0, controller: new AbortController() };
  pipeline.flights.set(0, flight);
  reporter.onStart(flight);
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; now += STEP_MS) {
      monitor.check([pipeline]);
      // The answers of fakes take microtasks.
      await new Promise(setImmediate);
    }
  };
  return { asked, signals, state, monitor, pass };
}

describe('ReceivingMonitor', () => {
  it('asks about a long request every 1.5 s', async () => {
    const { asked, pass } = createRun();
    await pass(9000);
    expect(asked).toEqual([1500, 3000, 4500, 6000, 7500]);
  });

  it.each([
    ['every tab is hidden', { isVisible: false }],
    ['the server does not report it', { features: ['idempotency_key', 'status'] }],
  ])('asks nothing while %s', async (_name, options) => {
    const { asked, pass } = createRun(options);
    await pass(9000);
    expect(asked).toEqual([]);
  });

  it('asks nothing while the link is down, and pauses after a failure', async () => {
    const { asked, state, pass } = createRun();
    state.isLinkUp = false;
    await pass(5000);
    expect(asked).toEqual([]);
    state.isLinkUp = true;
    state.answer = () => Promise.reject(new Error('unreachable'));
    await pass(7000);
    expect(asked).toEqual([5000, 8000, 11_000]);
  });

  it('asks one thing at a time, and aborts it when the run ends', async () => {
    const { asked, signals, state, monitor, pass } = createRun();
    state.answer = () => new Promise(() => undefined);
    await pass(9000);
    expect(asked).toEqual([1500]);
    monitor.stop();
    expect(signals[0]?.aborted).toBe(true);
  });
});
