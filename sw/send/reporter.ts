import type { Progress } from '../../src/shared/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { Tabs } from '../ports/ports.ts';
import { ArrivalRate } from './arrival-rate.ts';
import type { Flight, FlightResult } from './jobs.ts';
import type { Pipeline } from './pipeline.ts';

/** A person cannot see more than ten messages a second for each upload. */
const MIN_INTERVAL_MS = 100;
/** Between two responses only the estimate grows; four messages a second look smooth. */
const ANIMATION_INTERVAL_MS = 250;
/** Rate and time left are read, not watched. */
const RATE_INTERVAL_MS = 1000;
/**
 * Bytes shown exceed those that the server is known to have by at most this much time at the
 * measured rate: the link may have stalled since.
 */
const MAX_AHEAD_MS = 1000;
/** In this time, in ms, a request brings its first bytes, unless a proxy holds them. */
const FIRST_BYTES_MS = 1500;
/** The time left follows its estimate with this delay, in ms, beside passing. */
const TIME_LEFT_DELAY_MS = 5000;

/** The last progress message of an upload. */
interface LastReport {
  readonly generation: number;
  /** In ticks. */
  readonly reportedAt: number;
  readonly knownBytes: number;
  readonly progress: Progress;
}

/** Posts the progress of uploads to every tab. */
export class Reporter {
  readonly #tabs: Tabs;
  readonly #clock: Clock;
  readonly #isLinkUp: () => boolean;
  readonly #arrivals = new ArrivalRate<Flight>();
  /** Acknowledged requests whose response is still being stored. */
  readonly #acknowledged = new WeakSet<Flight>();
  /**
   * Whether a proxy holds each request until it is complete. The server then has none of the bytes
   * in flight, so none are estimated.
   */
  #isHeld = false;
  readonly #lastReports = new Map<string, LastReport>();

  /** @param isLinkUp while it is false, no rate and no time left are reported. */
  constructor(tabs: Tabs, clock: Clock, isLinkUp: () => boolean) {
    this.#tabs = tabs;
    this.#clock = clock;
    this.#isLinkUp = isLinkUp;
  }

  /** Whether a rate was measured. */
  get hasRate(): boolean {
    return this.#arrivals.getRate(this.#clock.ticks()) !== null;
  }

  onStart(flight: Flight): void {
    if (flight.job.kind === 'send') this.#arrivals.start(flight, flight.job.sizeBytes, this.#clock.ticks());
  }

  onEnd(flight: Flight, result: FlightResult): void {
    this.#arrivals.end(flight, result === 'acknowledged', this.#clock.ticks());
    if (result === 'acknowledged') this.#acknowledged.add(flight);
  }

  /**
   * Takes over what the server has of the chunks in flight, in bytes by chunk index; infinite for
   * all bytes of a chunk.
   */
  onReceiving({ flights }: Pipeline, receivedBytes: ReadonlyMap<number, number>): void {
    const now = this.#clock.ticks();
    for (const [index, bytes] of receivedBytes) {
      const flight = flights.get(index);
      if (flight) this.#arrivals.update(flight, bytes, now);
    }
    const old = [...flights.values()].filter(({ startedAt }) => now - startedAt >= FIRST_BYTES_MS);
    const counts = old.map(({ job }) => receivedBytes.get(job.index) ?? 0).filter(Number.isFinite);
    if (counts.length > 0) this.#isHeld = counts.every((bytes) => bytes === 0);
  }

  /**
   * Posts the progress of an upload if it has changed and enough time has passed.
   *
   * @returns ms until the next report may be due; null if none is expected.
   */
  async report(pipeline: Pipeline): Promise<number | null> {
    const { id, generation } = pipeline.upload;
    const now = this.#clock.ticks();
    const last = this.#getLast(id, generation);
    const knownBytes = this.#getKnownBytes(pipeline, last);
    const progress = this.#createProgress(pipeline, knownBytes, last, now);
    const nextMs = pipeline.flights.size > 0 ? ANIMATION_INTERVAL_MS : null;
    const intervalMs = last ? getIntervalMs(last.progress, progress) : 0;
    if (intervalMs === null) return nextMs;
    if (last && now - last.reportedAt < intervalMs) return intervalMs - (now - last.reportedAt);
    this.#lastReports.set(id, { generation, reportedAt: now, knownBytes, progress });
    await this.#tabs.post({ type: 'progress', progress });
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

  /** Acknowledged bytes, kept ones, and those in flight that the server is known to have. */
  #getKnownBytes(pipeline: Pipeline, last: LastReport | undefined): number {
    let bytes = pipeline.acknowledgedBytes + pipeline.keptBytes;
    for (const [index, flight] of pipeline.flights) {
      if (pipeline.hasAcknowledged(index)) continue;
      bytes += this.#acknowledged.has(flight) ? flight.job.sizeBytes : this.#arrivals.getKnownBytes(flight);
    }
    // What arrived of a chunk that was cut is not lost before the server says so.
    return pipeline.kept.cut.length > 0 ? Math.max(bytes, last?.knownBytes ?? 0) : bytes;
  }

  #createProgress(pipeline: Pipeline, knownBytes: number, last: LastReport | undefined, now: number): Progress {
    const { upload, chunks, acknowledgedBytes, acknowledgedCount } = pipeline;
    const measured = this.#arrivals.getRate(now);
    const moreBytes = measured === null ? 0 : this.#estimateMoreBytes(pipeline, measured, now);
    const aheadBytes = this.#isHeld ? 0 : ((measured ?? 0) * this.#getShare(pipeline) * MAX_AHEAD_MS) / 1000;
    // The last byte is shown with the last acknowledgement, because all bytes mean: complete.
    const mostBytes = pipeline.isAcknowledged ? upload.sizeBytes : Math.max(0, upload.sizeBytes - 1);
    const estimate = Math.min(mostBytes, Math.floor(knownBytes + Math.min(moreBytes, aheadBytes)));
    // Progress goes back only if the server lost bytes, as those of a chunk that was cut.
    const floor = last && last.knownBytes <= knownBytes ? last.progress.bytesUploaded : 0;
    const rate = this.#isSending(pipeline) ? measured : null;
    return {
      id: upload.id,
      chunksTotal: chunks.length,
      chunksUploaded: acknowledgedCount,
      bytesAcknowledged: acknowledgedBytes,
      bytesUploaded: Math.max(floor, estimate),
      bytesTotal: upload.sizeBytes,
      currentChunk: acknowledgedCount,
      rateBytesPerSecond: rate,
      // Not from `bytesUploaded`, which waits for the next response while the time passes.
      secondsLeft: rate && smoothTimeLeft((upload.sizeBytes - knownBytes - moreBytes) / rate, last, now),
      inFlight: pipeline.inFlight,
      retrying: pipeline.retrying,
    };
  }

  /** Estimates the bytes in flight that arrived since the server was heard from. */
  #estimateMoreBytes({ flights }: Pipeline, rate: number, now: number): number {
    let bytes = 0;
    for (const flight of flights.values()) bytes += this.#arrivals.estimateMoreBytes(flight, rate, now);
    return bytes;
  }

  /** The share of an upload in the rate of all uploads. */
  #getShare({ flights }: Pipeline): number {
    return Math.min(1, flights.size * this.#arrivals.share);
  }

  /** False while everything of the upload waits: for another attempt, the network or the user. */
  #isSending({ outcome, flights, retrying }: Pipeline): boolean {
    if (outcome || !this.#isLinkUp() || !this.#arrivals.isBusy) return false;
    return flights.size > 0 || retrying.length === 0;
  }
}

/** Lets the time left pass, and approach its estimate without jumps. */
function smoothTimeLeft(estimate: number, last: LastReport | undefined, now: number): number {
  const before = last?.progress.secondsLeft ?? null;
  if (!last || before === null) return Math.max(0, estimate);
  const passedMs = now - last.reportedAt;
  const expected = before - passedMs / 1000;
  return Math.max(0, expected + (estimate - expected) * (1 - Math.exp(-passedMs / TIME_LEFT_DELAY_MS)));
}

/** How long after `last` a message with `next` may be posted, in ms; null without a change. */
function getIntervalMs(last: Progress, next: Progress): number | null {
  if (last.bytesAcknowledged !== next.bytesAcknowledged) return MIN_INTERVAL_MS;
  // The end of a measurement must not wait.
  if ((last.rateBytesPerSecond === null) !== (next.rateBytesPerSecond === null)) return MIN_INTERVAL_MS;
  if (last.bytesUploaded !== next.bytesUploaded) return ANIMATION_INTERVAL_MS;
  return last.secondsLeft === next.secondsLeft ? null : RATE_INTERVAL_MS;
}
