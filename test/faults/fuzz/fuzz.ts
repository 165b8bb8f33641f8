import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { Random } from '../soak/random.ts';
import type { ResourceUsage } from './child.ts';
import { CutsByOthers } from './cuts-by-others.ts';
import { findFault, findStrayFiles, formatAnswer } from './judge.ts';
import { SeenIds } from './known.ts';
import { ServerUnderTest } from './process.ts';
import { type FuzzRequest, nextRequest } from './requests.ts';
import { send } from './send.ts';

const LANES = 16;
/** The share of a run that fills caches and opens the first sessions. Growth counts after it. */
const WARM_UP = 0.2;
/**
 * Memory allowed for each stored session or batch, and for the difference between two garbage
 * collections.
 */
const KEPT_BYTES = 4 * 1024;
const SLACK_BYTES = 4 * 1024 * 1024;

/** The result of a run. */
export interface Report {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  /** Number of answers by status and code. */
  readonly answers: Readonly<Record<string, number>>;
  readonly warm: ResourceUsage | null;
  readonly end: ResourceUsage | null;
  /** Findings. Empty for a sound server. */
  readonly faults: readonly string[];
}

/** Generates the requests of a lane. Lanes run concurrently. */
export function* generateRequests(seed: number, lane: number): Generator<FuzzRequest> {
  const random = new Random(seed, `lane ${lane}`);
  for (;;) yield nextRequest(random);
}

/** Sends the requests of a seed to a fresh server and reports its behaviour. */
export async function fuzz(requests: number, seed: number): Promise<Report> {
  const startedAt = performance.now();
  const folder = await tempFolder();
  await Promise.all(['data', 'cwd'].map((name) => mkdir(join(folder.dir, name))));
  const subject = await ServerUnderTest.start(join(folder.dir, 'data'), join(folder.dir, 'cwd'));
  const run = new FuzzRun(subject, seed);
  try {
    await run.send(Math.floor(requests * WARM_UP));
    const warm = await subject.measureUsage();
    await run.send(requests - Math.floor(requests * WARM_UP));
    const end = await subject.measureUsage(warm ?? undefined);
    const faults = [...run.faults, ...findGrowth(warm, end), ...findCrash(subject)];
    // Files of a request are closed first and deleted a moment later.
    const left = () => findStrayFiles(folder.dir, 'data');
    await until(async () => (await left()).length === 0, 'the end of what requests left').catch(() => undefined);
    for (const path of await left()) faults.push(`left ${path}`);
    const seconds = (performance.now() - startedAt) / 1000;
    return { seed, requests, seconds, answers: Object.fromEntries([...run.answers].sort()), warm, end, faults };
  } finally {
    await subject.stop();
    await folder.remove();
  }
}

class FuzzRun {
  readonly faults: string[] = [];
  readonly answers = new Map<string, number>();
  readonly #subject: ServerUnderTest;
  readonly #known: SeenIds;
  readonly #cuts = new CutsByOthers();
  readonly #lanes: Generator<FuzzRequest>[];

  constructor(subject: ServerUnderTest, seed: number) {
    this.#subject = subject;
    this.#known = new SeenIds(subject.started.tokens);
    this.#lanes = Array.from({ length: LANES }, (_, lane) => generateRequests(seed, lane));
  }

  async send(count: number): Promise<void> {
    await Promise.all(this.#lanes.map((lane, n) => this.#work(lane, Math.floor((count + n) / LANES))));
  }

  async #work(lane: Generator<FuzzRequest>, count: number): Promise<void> {
    for (let n = 0; n < count && !this.#subject.hasCrashed; n++) {
      const request: FuzzRequest = lane.next().value;
      const filled = this.#known.fill(request);
      const [answer, mayBeCut] = await this.#cuts.track(filled, () => send(this.#subject.started.port, filled));
      if (answer) this.#known.collect(answer);
      const fault = !answer && mayBeCut ? null : findFault(request, answer);
      if (fault) this.faults.push(`${request.kind} (${request.manner}): ${fault}\n${request.head.slice(0, 200)}`);
      this.answers.set(formatAnswer(answer), (this.answers.get(formatAnswer(answer)) ?? 0) + 1);
    }
  }
}

function findGrowth(warm: ResourceUsage | null, end: ResourceUsage | null): string[] {
  if (!warm || !end) return [];
  const faults: string[] = [];
  const allowed = SLACK_BYTES + Math.max(0, end.kept - warm.kept) * KEPT_BYTES;
  const grown = end.memoryBytes - warm.memoryBytes;
  if (grown > allowed) faults.push(`memory grew by ${grown} bytes, and ${allowed} are explained`);
  if (end.openFiles !== null && warm.openFiles !== null && end.openFiles > warm.openFiles) {
    faults.push(`open files grew from ${warm.openFiles} to ${end.openFiles}`);
  }
  return faults;
}

function findCrash(subject: ServerUnderTest): string[] {
  return subject.hasCrashed ? [`the server crashed: ${subject.log}`] : [];
}
