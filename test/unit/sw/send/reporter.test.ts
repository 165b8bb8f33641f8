import { describe, expect, it } from 'vitest';
import type { Notice, Progress } from '../../../../src/shared/messages.ts';
import { Pipeline } from '../../../../sw/send/pipeline.ts';
import { Reporter } from '../../../../sw/send/reporter.ts';
import { Meter } from '../../../../sw/server/meter.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MB = 1e6;
const CHUNK = 10 * MB;
const ANY = 'any';

/**
 * Creates an upload of ten chunks, with 1 MB/s for each of two requests, and collects its reports.
 */
function createRun() {
  let now = 0;
  const reports: Progress[] = [];
  const clock = createTickClock(() => now);
  const post = async (notice: Notice) => void (notice.type === 'progress' && reports.push(notice.progress));
  const reporter = new Reporter({ post, count: async () => 1 }, clock, new Meter(2 * MB, null, 2));
  const plan = { way: 'chunks', chunkBytes: CHUNK, ramp: [] } as const;
  const upload = createUpload({ sizeBytes: 10 * CHUNK, stagedBytes: 10 * CHUNK, plan });
  const pipeline = new Pipeline(upload, plan, [], false);
  const start = () => {
    const job = pipeline.nextJob(now, ANY);
    if (job) pipeline.flights.set(job.index, { job, startedAt: now, controller: new AbortController() });
  };
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; now += 50) await reporter.report(pipeline);
  };
  return { reports, pipeline, start, pass, bytes: () => reports.at(-1)?.bytesUploaded ?? 0 };
}

describe('reporter', () => {
  it('estimates progress between responses, by at most one chunk', async () => {
    const { reports, pipeline, start, pass, bytes } = createRun();
    start();
    start();
    await pass(3000);
    expect(bytes()).toBeGreaterThan(4 * MB);
    expect(bytes()).toBeLessThan(7 * MB);
    expect(reports.at(-1)?.bytesAcknowledged).toBe(0);
    await pass(60_000);
    expect(bytes()).toBeLessThan(CHUNK);
    pipeline.flights.delete(0);
    pipeline.addAcknowledged(0);
    await pass(200);
    expect(bytes()).toBeGreaterThanOrEqual(CHUNK);
    expect(bytes()).toBeLessThan(1.2 * CHUNK);
    expect(reports.at(-1)?.bytesAcknowledged).toBe(CHUNK);
  });

  it('never reports less progress after a chunk failed', async () => {
    const { reports, pipeline, start, pass, bytes } = createRun();
    start();
    await pass(5000);
    const before = bytes();
    pipeline.flights.clear();
    await pass(5000);
    expect(bytes()).toBe(before);
    start();
    await pass(2000);
    expect(reports.every(({ bytesUploaded }, i) => bytesUploaded >= (reports[i - 1]?.bytesUploaded ?? 0))).toBe(true);
    expect(bytes() - pipeline.acknowledgedBytes).toBeLessThan(CHUNK);
  });

  it('posts at most four estimates a second, and none while idle', async () => {
    const { reports, pipeline, start, pass } = createRun();
    start();
    await pass(5000);
    expect(reports.length).toBeLessThanOrEqual(21);
    pipeline.flights.clear();
    await pass(1000);
    const { length } = reports;
    await pass(10_000);
    expect(reports).toHaveLength(length);
  });
});
