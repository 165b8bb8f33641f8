import type { Progress } from '../../src/shared/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { Tabs } from '../ports/ports.ts';
import type { Meter } from '../server/meter.ts';
import type { Pipeline } from './pipeline.ts';

/** Ten notices a second for each upload are all that a person can see. */
const MIN_INTERVAL_MS = 100;
/** Between two answers there is nothing new but time: four a second look smooth. */
const ANIMATION_INTERVAL_MS = 250;
/** What is on its way is a guess: no chunk looks finished before its answer. */
const MAX_ESTIMATED_SHARE = 0.95;

/** What the tabs were told last of an upload. */
interface LastReport {
  readonly generation: number;
  readonly reportedAt: number;
  readonly bytes: number;
  readonly acknowledgedBytes: number;
  /** When the acknowledged bytes were these for the first time, in ticks. */
  readonly acknowledgedAt: number;
}

/** Tells every tab how far each upload is. */
export class Reporter {
  readonly #tabs: Tabs;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #lastReports = new Map<string, LastReport>();

  constructor(tabs: Tabs, clock: Clock, meter: Meter) {
    this.#tabs = tabs;
    this.#clock = clock;
    this.#meter = meter;
  }

  /** Says how far an upload is where that is news; ms until there may be more to say, null when there is nothing to add. */
  async report(pipeline: Pipeline): Promise<number | null> {
    const { upload, acknowledgedBytes: doneBytes, flights } = pipeline;
    const now = this.#clock.ticks();
    const last = this.#lastReports.get(upload.id);
    const before = last?.generation === upload.generation ? last : undefined;
    const doneAt = before?.acknowledgedBytes === doneBytes ? before.acknowledgedAt : now;
    const bytes = Math.max(before?.bytes ?? 0, doneBytes + this.#estimateBytesInFlight(pipeline, now - doneAt));
    const later = flights.size > 0 ? ANIMATION_INTERVAL_MS : null;
    if (before?.bytes === bytes && before.acknowledgedBytes === doneBytes) return later;
    const everyMs = before?.acknowledgedBytes === doneBytes ? ANIMATION_INTERVAL_MS : MIN_INTERVAL_MS;
    if (before && now - before.reportedAt < everyMs) return everyMs - (now - before.reportedAt);
    this.#lastReports.set(upload.id, {
      generation: upload.generation,
      reportedAt: now,
      bytes,
      acknowledgedBytes: doneBytes,
      acknowledgedAt: doneAt,
    });
    await this.#tabs.post({ type: 'progress', progress: this.#createProgress(pipeline, bytes) });
    return later;
  }

  /** Tells every tab to read a record again. */
  async announceChange(id: string): Promise<void> {
    await this.#tabs.post({ type: 'changed', id });
  }

  #createProgress(pipeline: Pipeline, bytesUploaded: number): Progress {
    const { upload, chunks, acknowledgedBytes: doneBytes, acknowledgedCount: doneCount } = pipeline;
    const rate = this.#meter.rate;
    return {
      id: upload.id,
      chunksTotal: chunks.length,
      chunksUploaded: doneCount,
      bytesAcknowledged: doneBytes,
      bytesUploaded,
      bytesTotal: upload.sizeBytes,
      currentChunk: doneCount,
      rateBytesPerSecond: rate,
      secondsLeft: rate ? (upload.sizeBytes - bytesUploaded) / rate : null,
      inFlight: pipeline.inFlight,
      retrying: pipeline.retrying,
    };
  }

  /**
   * Bytes that have probably left since the last answer, at most one chunk: fetch tells nothing of a body on its way.
   *
   * @param sinceMs since the last answer.
   */
  #estimateBytesInFlight({ flights }: Pipeline, sinceMs: number): number {
    const sent = [...flights.values()].filter(({ job }) => job.kind === 'send');
    const rate = (this.#meter.ratePerRequest ?? 0) * sent.length;
    const largest = Math.max(0, ...sent.map(({ job }) => job.sizeBytes));
    return Math.floor(Math.min((rate * sinceMs) / 1000, MAX_ESTIMATED_SHARE * largest));
  }
}
