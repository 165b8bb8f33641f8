import { UploadError } from '../../src/shared/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { FlightResult, RequestInFlight } from '../send/jobs.ts';
import { SESSION_CHUNK_BYTES } from '../send/planner.ts';
import { average } from '../server/average.ts';
import type { ServerConnection } from '../server/server-connection.ts';

/** The pool counts as stalled no sooner than this. */
const MIN_STALL_MS = 60_000;
/**
 * 1 Mbit/s in bytes per second, the slowest link worth using. While the rate is unknown, a large
 * body gets the time that it needs at this rate.
 */
const UNKNOWN_RATE_FLOOR = 125_000;
/**
 * In bytes per second. A lower measured rate shows the wait for responses to tiny files, not the
 * link.
 */
const MEASURED_RATE_FLOOR = UNKNOWN_RATE_FLOOR / 4;
/**
 * The distance between two starts, as a share of the average flight divided by the concurrency.
 * Chunks that start together share the link, end together, and leave the link idle while all of
 * them wait for the server. Spaced chunks fill it for each other. A share below 1 never limits the
 * throughput.
 */
const START_SPACING = 0.8;
/** A request of any size may start this many seconds before those in flight leave the link idle. */
const IDLE_SECONDS = 0.3;
/** Shorter delays are not worth a timer, in ms. */
const MIN_START_DELAY_MS = 5;

/** The measurements of a server that limit the requests in flight. */
export type FlightLimits = Pick<ServerConnection, 'meter' | 'concurrency' | 'maxFlightBytes'>;

/**
 * The requests in flight of all uploads: limits their number, spaces their starts, keeps them
 * within the deadline and aborts them when they stall.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #server: FlightLimits;
  readonly #requests = new Set<RequestInFlight>();
  #deadline: number;
  #stallFactor = 1;
  #lastProgressAt = 0;
  #lastStartAt = 0;
  #lastStartBytes = 0;
  /** The average duration of acknowledged requests and of their bytes; recent ones weigh most. */
  #average: { readonly ms: number; readonly msPerByte: number } | null = null;
  /** Whether a request that does not fit was started since the deadline was last moved. */
  #hasOverrun = false;

  constructor(clock: Clock, server: FlightLimits, deadline: number) {
    this.#clock = clock;
    this.#server = server;
    this.#deadline = deadline;
  }

  get size(): number {
    return this.#requests.size;
  }

  get hasRoom(): boolean {
    return this.#requests.size < this.#server.concurrency.limit;
  }

  /** Whether a request of this size keeps the bytes in flight within what a cut may cost. */
  hasRoomFor(sizeBytes: number): boolean {
    const { maxFlightBytes, meter } = this.#server;
    if (sizeBytes === 0 || this.#requests.size === 0) return true;
    const leftBytes = this.#expectedBytesLeft();
    return leftBytes + sizeBytes <= maxFlightBytes || leftBytes < (meter.capacity ?? 0) * IDLE_SECONDS;
  }

  /** Ms until the deadline. */
  get remainingMs(): number {
    return this.#deadline - this.#clock.ticks();
  }

  extend(deadline: number): void {
    if (deadline <= this.#deadline) return;
    this.#deadline = deadline;
    this.#hasOverrun = false;
  }

  /** Whether a request of this size has to wait for `startDelayMs`. */
  isTooSoon(sizeBytes: number): boolean {
    return loadsLink(sizeBytes) && this.startDelayMs > 0;
  }

  /** Ms until the next request that loads the link may start. */
  get startDelayMs(): number {
    if (this.#requests.size === 0) return 0;
    const apartMs = (START_SPACING * this.#expectedFlightMs) / this.#usualSize;
    const pauseMs = Math.min(apartMs - (this.#clock.ticks() - this.#lastStartAt), this.#idleInMs);
    return pauseMs < MIN_START_DELAY_MS ? 0 : pauseMs;
  }

  /** When the requests in flight will have left the link idle, in ms; infinite if unknown. */
  get #idleInMs(): number {
    const { capacity } = this.#server.meter;
    return capacity === null ? Number.POSITIVE_INFINITY : (this.#expectedBytesLeft() / capacity) * 1000;
  }

  /**
   * Whether a request of this size is expected to end before the deadline, sharing the link with
   * the requests in flight. Only a measured rate counts: Chromium 156 estimates an unused link at
   * 1.3 Mbit/s, and with that estimate no first chunk would ever start.
   */
  fitsDeadline(sizeBytes: number): boolean {
    const rate = this.#rate;
    const expectedMs = rate ? ((this.#bytesInFlight() + sizeBytes) / rate) * 1000 : 0;
    return expectedMs < this.remainingMs;
  }

  /** Whether a request that does not fit may start: only alone, and once for each deadline. */
  mayOverrun(): boolean {
    if (this.#requests.size > 0 || this.#hasOverrun || this.remainingMs <= 0) return false;
    this.#hasOverrun = true;
    return true;
  }

  add(request: RequestInFlight, work: () => Promise<void>): void {
    const now = this.#clock.ticks();
    if (this.#requests.size === 0) this.#lastProgressAt = now;
    this.#requests.add(request);
    if (loadsLink(request.sizeBytes)) {
      this.#lastStartAt = now;
      this.#lastStartBytes = request.sizeBytes;
    }
    this.#server.meter.start(now);
    void work();
  }

  /**
   * Records the end of a request; ignores one that was removed before.
   *
   * @param receivedMs how long its body took to arrive at the server, if the response says so.
   */
  remove(request: RequestInFlight, end: FlightResult, receivedMs?: number): void {
    const now = this.#clock.ticks();
    const { sizeBytes, startedAt } = request;
    const inFlight = this.#averageSize(startedAt, now);
    if (!this.#requests.delete(request)) return;
    const { meter, concurrency } = this.#server;
    this.#lastProgressAt = now;
    if (end === 'congested') concurrency.onCongestion(startedAt, now);
    if (end === 'acknowledged') {
      const tookMs = now - startedAt;
      this.#stallFactor = 1;
      if (loadsLink(sizeBytes)) {
        const latest = { ms: tookMs, msPerByte: tookMs / sizeBytes };
        this.#average = {
          ms: average(this.#average?.ms ?? null, latest.ms),
          msPerByte: average(this.#average?.msPerByte ?? null, latest.msPerByte),
        };
      }
      const sample = { sizeBytes, tookMs, receivedMs, inFlight };
      meter.addSample(sample, now);
      concurrency.onAcknowledged(sample, now);
    }
    if (this.#requests.size === 0) this.#server.meter.stop();
  }

  /**
   * Aborts all requests if none ended for max(60 s, 4 x the time that the rate explains). Each
   * stall doubles that time, until a chunk is acknowledged.
   */
  abortStalled(): void {
    if (this.#requests.size === 0) return;
    const rate = this.#rate;
    const expectedMs = rate
      ? (4 * this.#bytesInFlight() * 1000) / rate
      : (this.#bytesInFlight() * 1000) / UNKNOWN_RATE_FLOOR;
    const now = this.#clock.ticks();
    if (now - this.#lastProgressAt < this.#stallFactor * Math.max(MIN_STALL_MS, expectedMs)) return;
    this.#stallFactor *= 2;
    this.#server.meter.skipStall(now);
    const stalled = new UploadError('stalled', 'The connection stalled. The upload is retried automatically.');
    for (const { controller } of this.#requests) controller.abort(stalled);
  }

  /** The measured rate in bytes per second, at least `MEASURED_RATE_FLOOR`; null if unknown. */
  get #rate(): number | null {
    const { measuredRate } = this.#server.meter;
    return measuredRate && Math.max(measuredRate, MEASURED_RATE_FLOOR);
  }

  /** The expected duration of the latest request; 0 if unknown. */
  get #expectedFlightMs(): number {
    // Requests of other sizes say too much: small ones about each byte, large ones about each wait.
    if (this.#average) return Math.min(this.#average.ms, this.#lastStartBytes * this.#average.msPerByte);
    const { measuredRate, ratePerRequest } = this.#server.meter;
    return measuredRate && ratePerRequest ? (this.#lastStartBytes / ratePerRequest) * 1000 : 0;
  }

  /** How many requests like the latest one are in flight at once. */
  get #usualSize(): number {
    const { concurrency, maxFlightBytes } = this.#server;
    const fitting = Math.floor(maxFlightBytes / Math.max(1, this.#lastStartBytes));
    return Math.max(1, Math.min(concurrency.limit, fitting));
  }

  /** How many of the present flights there were on average since this time. */
  #averageSize(since: number, now: number): number {
    const durations = [...this.#requests].map(({ startedAt }) => now - Math.max(startedAt, since));
    return durations.reduce((sum, ms) => sum + ms, 0) / Math.max(1, now - since);
  }

  /** The bytes in flight without those that have probably arrived. */
  #expectedBytesLeft(): number {
    const ratePerRequest = (this.#server.meter.capacity ?? 0) / this.#requests.size;
    const now = this.#clock.ticks();
    let bytes = 0;
    for (const { sizeBytes, startedAt } of this.#requests)
      bytes += Math.max(0, sizeBytes - (ratePerRequest * (now - startedAt)) / 1000);
    return bytes;
  }

  #bytesInFlight(): number {
    let bytes = 0;
    for (const { sizeBytes } of this.#requests) bytes += sizeBytes;
    return bytes;
  }
}

/** Whether starts of this size are spaced; those of queries and session chunks are not. */
function loadsLink(sizeBytes: number): boolean {
  return sizeBytes > SESSION_CHUNK_BYTES;
}
