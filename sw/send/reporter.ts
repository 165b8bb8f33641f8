import type { Progress } from '../../src/shared/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { Tabs } from '../ports/ports.ts';
import type { Meter } from '../server/meter.ts';
import type { Pipeline } from './pipeline.ts';

/** A person cannot see more than ten messages a second for each upload. */
const MIN_INTERVAL_MS = 100;
/** Between two responses only the estimate grows; four messages a second look smooth. */
const ANIMATION_INTERVAL_MS = 250;
/** Bytes in flight are an estimate, so no chunk looks finished before its response. */
const MAX_ESTIMATED_SHARE = 0.95;

/** The last progress message of an upload; times in ticks. */
interface LastReport {
  readonly generation: number;
  readonly reportedAt: number;
  readonly bytes: number;
  readonly acknowledgedBytes: number;
  /** When `acknowledgedBytes` last changed. */
  readonly acknowledgedAt: number;
}

/** Posts the progress of uploads to every tab. */
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

  /**
   * Posts the progress of an upload if it has changed and enough time has passed.
   *
   * @returns ms until the next report may be due; null if none is expected.
   */
  async report(pipeline: Pipeline): Promise<number | null> {
    const { upload, acknowledgedBytes, flights } = pipeline;
    const { id, generation } = upload;
    const now = this.#clock.ticks();
    const last = this.#getLast(id, generation);
    const acknowledgedAt = last?.acknowledgedBytes === acknowledgedBytes ? last.acknowledgedAt : now;
    const estimate = acknowledgedBytes + this.#estimateBytesInFlight(pipeline, now - acknowledgedAt);
    // Progress never goes back, even if a chunk fails.
    const bytes = Math.max(last?.bytes ?? 0, estimate);
    const nextMs = flights.size > 0 ? ANIMATION_INTERVAL_MS : null;
    if (last?.bytes === bytes && last.acknowledgedBytes === acknowledgedBytes) return nextMs;
    const intervalMs = last?.acknowledgedBytes === acknowledgedBytes ? ANIMATION_INTERVAL_MS : MIN_INTERVAL_MS;
    if (last && now - last.reportedAt < intervalMs) return intervalMs - (now - last.reportedAt);
    this.#lastReports.set(id, { generation, reportedAt: now, bytes, acknowledgedBytes, acknowledgedAt });
    await this.#tabs.post({ type: 'progress', progress: this.#createProgress(pipeline, bytes) });
    return nextMs;
  }

  /** Asks every tab to read a record again. */
  async announceChange(id: string): Promise<void> {
    await this.#tabs.post({ type: 'changed', id });
  }

  #getLast(id: string, generation: number): LastReport | undefined {
    const last = this.#lastReports.get(id);
    return last?.generation === generation ? last : undefined;
  }

  #createProgress(pipeline: Pipeline, bytesUploaded: number): Progress {
    const { upload, chunks, acknowledgedBytes, acknowledgedCount } = pipeline;
    const { rate } = this.#meter;
    return {
      id: upload.id,
      chunksTotal: chunks.length,
      chunksUploaded: acknowledgedCount,
      bytesAcknowledged: acknowledgedBytes,
      bytesUploaded,
      bytesTotal: upload.sizeBytes,
      currentChunk: acknowledgedCount,
      rateBytesPerSecond: rate,
      secondsLeft: rate ? (upload.sizeBytes - bytesUploaded) / rate : null,
      inFlight: pipeline.inFlight,
      retrying: pipeline.retrying,
    };
  }

  /**
   * Estimates the bytes sent since the last response, at most one chunk: fetch reports no upload
   * progress.
   *
   * @param sinceMs time since the last response.
   */
  #estimateBytesInFlight({ flights }: Pipeline, sinceMs: number): number {
    const sizes = [...flights.values()].flatMap(({ job }) => (job.kind === 'send' ? [job.sizeBytes] : []));
    const rate = (this.#meter.ratePerRequest ?? 0) * sizes.length;
    return Math.floor(Math.min((rate * sinceMs) / 1000, MAX_ESTIMATED_SHARE * Math.max(0, ...sizes)));
  }
}
