import { describe, expect, it } from 'vitest';
import type { Notice, Progress } from '../../../../src/shared/messages.ts';
import type { Flight } from '../../../../sw/send/jobs.ts';
import { Pipeline } from '../../../../sw/send/pipeline.ts';
import { Reporter } from '../../../../sw/send/reporter.ts';
import { FairLink, type FairLinkOptions } from '../../../fixtures/fair-link.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MB = 1e6;
const STEP_MS = 50;
const CHUNKS = 50;

interface RunOptions extends FairLinkOptions {
  readonly chunkBytes: number;
  readonly inFlight: number;
  /** How often the server reports chunks in flight; never unless given. */
  readonly pollMs?: number;
  readonly uploads?: number;
  /** Whether a proxy forwards a request only when it is complete. */
  readonly isBuffered?: boolean;
}

/** What the page shows and what the server has at a time, summed over the uploads. */
interface Sample {
  readonly at: number;
  readonly shownBytes: number;
  readonly arrivedBytes: number;
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

/** Uploads of 50 chunks over a simulated link, and what a reporter posts about them. */
class SimulatedRun {
  readonly link: FairLink<Flight>;
  readonly reports: Progress[] = [];
  readonly pipelines: readonly Pipeline[];
  isLinkUp = true;
  readonly #options: RunOptions;
  readonly #reporter: Reporter;

  constructor(options: RunOptions) {
    this.#options = options;
    this.link = new FairLink(options);
    const clock = createTickClock(() => this.link.now);
    const post = async (notice: Notice) => void (notice.type === 'progress' && this.reports.push(notice.progress));
    const tabs = { post, count: async () => 1, hasVisible: async () => true };
    this.#reporter = new Reporter(tabs, clock, () => this.isLinkUp);
    const sizeBytes = CHUNKS * options.chunkBytes;
    const plan = { way: 'chunks', chunkBytes: options.chunkBytes, ramp: [] } as const;
    const uploads = Array.from({ length: options.uploads ?? 1 }, () => createUpload({ sizeBytes, plan }));
    this.pipelines = uploads.map((upload) => new Pipeline(upload, plan, [], false));
  }

  get pipeline(): Pipeline {
    return this.pipelines[0] as Pipeline;
  }

  get sample(): Sample {
    const last = this.pipelines.map(({ upload }) => this.reports.findLast(({ id }) => id === upload.id));
    return {
      at: this.link.now,
      shownBytes: last.reduce((sum, report) => sum + (report?.bytesUploaded ?? 0), 0),
      arrivedBytes: this.link.arrivedBytes,
      rate: last[0]?.rateBytesPerSecond ?? null,
      secondsLeft: last[0]?.secondsLeft ?? null,
    };
  }

  /** Sends for some time. */
  async run(ms: number): Promise<Sample[]> {
    const samples: Sample[] = [];
    for (const until = this.link.now + ms; this.link.now < until; ) {
      for (const flight of this.link.advance(STEP_MS)) this.#end(flight, true);
      for (const pipeline of this.pipelines) this.#fill(pipeline);
      const { pollMs } = this.#options;
      if (pollMs && this.link.now % pollMs === 0) this.#poll();
      for (const pipeline of this.pipelines) await this.#reporter.report(pipeline);
      samples.push(this.sample);
    }
    return samples;
  }

  /** Sends nothing for some time. */
  async idle(ms: number): Promise<void> {
    for (const until = this.link.now + ms; this.link.now < until; ) {
      this.link.advance(STEP_MS);
      for (const pipeline of this.pipelines) await this.#reporter.report(pipeline);
    }
  }

  /** Loses the bytes of every chunk in flight, and starts no other before `idle` ends. */
  cut(): void {
    for (const flight of this.link.requests) {
      this.link.cut(flight);
      this.#end(flight, false);
    }
  }

  #fill(pipeline: Pipeline): void {
    const share = this.#options.inFlight / this.pipelines.length;
    while (pipeline.flights.size < share) {
      const job = pipeline.nextJob(this.link.now, 'any');
      if (!job) return;
      const flight = { job, startedAt: this.link.now, controller: new AbortController() };
      pipeline.flights.set(job.index, flight);
      this.link.start(flight, job.sizeBytes);
      this.#reporter.onStart(flight);
    }
  }

  #end(flight: Flight, isAcknowledged: boolean): void {
    this.#reporter.onEnd(flight, isAcknowledged ? 'acknowledged' : 'congested');
    const { index } = flight.job;
    const pipeline = this.pipelines.find(({ flights }) => flights.get(index) === flight);
    if (isAcknowledged) pipeline?.addAcknowledged(index);
    pipeline?.flights.delete(index);
  }

  #poll(): void {
    for (const pipeline of this.pipelines) {
      const getBytes = (flight: Flight) => (this.#options.isBuffered ? 0 : this.link.getSentBytes(flight));
      const received = [...pipeline.flights].map(([index, flight]) => [index, getBytes(flight)] as const);
      this.#reporter.onReceiving(pipeline, new Map(received));
    }
  }
}

const steady = () => MB;

/** The longest time without a change of the shown bytes, in ms. */
function getLongestStandstill(samples: readonly Sample[]): number {
  let changedAt = samples[0]?.at ?? 0;
  let longest = 0;
  for (const [i, { at, shownBytes }] of samples.entries()) {
    if (shownBytes !== samples[i - 1]?.shownBytes) changedAt = at;
    longest = Math.max(longest, at - changedAt);
  }
  return longest;
}

describe('reporter', () => {
  it.each<[string, RunOptions]>([
    ['large chunks that the server reports', { rate: steady, chunkBytes: 16 * MB, inFlight: 4, pollMs: 1500 }],
    ['large chunks that it does not report', { rate: steady, chunkBytes: 16 * MB, inFlight: 4 }],
    ['small chunks', { rate: steady, chunkBytes: MB, inFlight: 3, waitMs: 200 }],
    ['two uploads', { rate: steady, chunkBytes: 16 * MB, inFlight: 4, pollMs: 1500, uploads: 2 }],
    ['a stall', { rate: (now) => (now % 40_000 < 30_000 ? MB : 0), chunkBytes: 4 * MB, inFlight: 2, pollMs: 1500 }],
  ])('shows at most 1 s more than arrived, and never less than before: %s', async (_name, options) => {
    const samples = await new SimulatedRun(options).run(50_000);
    const ahead = samples.map(({ shownBytes, arrivedBytes }) => shownBytes - arrivedBytes);
    expect(Math.max(...ahead)).toBeLessThan(1.01 * MB);
    expect(samples.every(({ shownBytes }, i) => shownBytes >= (samples[i - 1]?.shownBytes ?? 0))).toBe(true);
  });

  it.each<[string, RunOptions]>([
    ['of large chunks that the server reports', { rate: steady, chunkBytes: 16 * MB, inFlight: 4, pollMs: 1500 }],
    ['of chunks that take 3 s and that it does not report', { rate: steady, chunkBytes: 3 * MB, inFlight: 1 }],
  ])('never stands still for 3 s while bytes %s arrive', async (_name, options) => {
    const run = new SimulatedRun(options);
    await run.run(3000);
    expect(getLongestStandstill(await run.run(40_000))).toBeLessThan(3000);
  });

  it.each<[string, RunOptions]>([
    ['of chunks that the server reports', { rate: steady, chunkBytes: 8 * MB, inFlight: 4, pollMs: 1500 }],
    ['of chunks that it does not report', { rate: steady, chunkBytes: 2 * MB, inFlight: 2 }],
    ['of chunks to a slow server', { rate: steady, chunkBytes: 2 * MB, inFlight: 3, waitMs: 500, pollMs: 1500 }],
  ])('shows the time left %s within 15 %% after 10 s, without jumps', async (_name, options) => {
    const run = new SimulatedRun(options);
    await run.run(10_000);
    const samples = await run.run(60_000);
    while (!run.pipeline.isAcknowledged) await run.run(STEP_MS);
    const endsAt = run.link.now;
    const left = samples.map(({ secondsLeft }) => secondsLeft ?? 0);
    for (const [i, { at }] of samples.entries())
      expect(Math.abs((left[i] ?? 0) / ((endsAt - at) / 1000) - 1)).toBeLessThan(0.15);
    const jumps = left.slice(1).map((seconds, i) => Math.abs(seconds - (left[i] ?? 0)));
    expect(Math.max(...jumps)).toBeLessThan((0.02 * endsAt) / 1000);
  });

  it('shows no rate and no time left before bytes have arrived', async () => {
    const run = new SimulatedRun({ rate: steady, chunkBytes: 16 * MB, inFlight: 1 });
    const samples = await run.run(15_000);
    expect(samples.every(({ rate, secondsLeft }) => rate === null && secondsLeft === null)).toBe(true);
    await run.run(2000);
    expect(run.sample.rate).toBeCloseTo(MB, -1);
  });

  it('shows no rate while the link is down, or an upload waits to try again', async () => {
    const run = new SimulatedRun({ rate: steady, chunkBytes: 2 * MB, inFlight: 1 });
    await run.run(10_000);
    run.isLinkUp = false;
    await run.run(500);
    expect(run.sample).toMatchObject({ rate: null, secondsLeft: null });
    run.isLinkUp = true;
    await run.run(500);
    expect(run.sample.rate).not.toBeNull();
    run.cut();
    run.pipeline.attempts.delay(5, run.link.now + 8000);
    await run.idle(500);
    expect(run.sample).toMatchObject({ rate: null, secondsLeft: null });
  });

  it('goes back by the bytes that a cut has lost, and not by its estimate', async () => {
    const run = new SimulatedRun({ rate: steady, chunkBytes: 4 * MB, inFlight: 1, pollMs: 1500 });
    await run.run(6000);
    expect(run.sample.shownBytes).toBeGreaterThan(5.9 * MB);
    run.cut();
    await run.idle(500);
    expect(run.sample.shownBytes).toBe(4 * MB);

    const unreported = new SimulatedRun({ rate: steady, chunkBytes: 4 * MB, inFlight: 1 });
    await unreported.run(6000);
    const { shownBytes } = unreported.sample;
    unreported.cut();
    await unreported.idle(500);
    expect(unreported.sample.shownBytes).toBe(shownBytes);
    expect(shownBytes).toBeLessThanOrEqual(5 * MB);
  });

  it('estimates nothing while a proxy holds the bytes in flight', async () => {
    const run = new SimulatedRun({ rate: steady, chunkBytes: 8 * MB, inFlight: 2, pollMs: 1500, isBuffered: true });
    await run.run(8000);
    const samples = await run.run(60_000);
    expect(samples.every(({ shownBytes }) => shownBytes % (8 * MB) === 0)).toBe(true);
    expect(run.sample.rate).toBeCloseTo(MB, -1);
    expect(run.sample.secondsLeft).toBeGreaterThan(0.85 * (400 - 68));
    expect(run.sample.secondsLeft).toBeLessThan(1.15 * (400 - 68));
  });

  it('shows the last byte with the last acknowledgement', async () => {
    const run = new SimulatedRun({ rate: steady, chunkBytes: 0.2 * MB, inFlight: 2, waitMs: 500, pollMs: 100 });
    await run.run(60_000);
    const early = run.reports.filter(({ chunksUploaded }) => chunksUploaded < CHUNKS);
    expect(Math.max(...early.map(({ bytesUploaded }) => bytesUploaded))).toBeLessThan(10 * MB);
    expect(run.reports.at(-1)).toMatchObject({ bytesUploaded: 10 * MB, bytesAcknowledged: 10 * MB });
  });

  it('posts at most four estimates a second, and none while idle', async () => {
    const run = new SimulatedRun({ rate: steady, chunkBytes: 16 * MB, inFlight: 2, pollMs: 1500 });
    await run.run(5000);
    expect(run.reports.length).toBeLessThanOrEqual(21);
    run.cut();
    await run.idle(1000);
    const { length } = run.reports;
    await run.idle(10_000);
    expect(run.reports).toHaveLength(length);
  });
});
