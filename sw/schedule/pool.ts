import { UploadError } from '../../src/shared/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Flight, FlightResult } from '../send/pipeline.ts';
import { SESSION_CHUNK_BYTES } from '../send/planner.ts';
import type { Concurrency } from '../server/concurrency.ts';
import type { Meter } from '../server/meter.ts';

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
/** The weight of the latest request in the average duration of a flight. */
const LATEST_WEIGHT = 0.3;
/** Shorter delays are not worth a timer, in ms. */
const MIN_START_DELAY_MS = 5;

/**
 * The requests in flight of all uploads: limits their number, spaces their starts, keeps them
 * within the deadline and aborts them when they stall.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #concurrency: Concurrency;
  readonly #flights = new Set<Flight>();
  #deadline: number;
  #stallFactor = 1;
  #lastProgressAt = 0;
  #lastStartAt = 0;
  #lastStartBytes = 0;
  /** The average duration of acknowledged requests; recent ones weigh most. */
  #averageFlightMs: number | null = null;
  /** Whether a request that does not fit was started since the deadline was last moved. */
  #hasOverrun = false;

  constructor(clock: Clock, meter: Meter, concurrency: Concurrency, deadline: number) {
    this.#clock = clock;
    this.#meter = meter;
    this.#concurrency = concurrency;
    this.#deadline = deadline;
  }

  get size(): number {
    return this.#flights.size;
  }

  get hasRoom(): boolean {
    return this.#flights.size < this.#concurrency.limit;
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
    if (this.#flights.size === 0) return 0;
    const apartMs = (START_SPACING * (this.#averageFlightMs ?? this.#expectedFlightMs)) / this.#concurrency.limit;
    const pauseMs = apartMs - (this.#clock.ticks() - this.#lastStartAt);
    return pauseMs < MIN_START_DELAY_MS ? 0 : pauseMs;
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
    if (this.#flights.size > 0 || this.#hasOverrun || this.remainingMs <= 0) return false;
    this.#hasOverrun = true;
    return true;
  }

  add(flight: Flight, work: () => Promise<void>): void {
    const now = this.#clock.ticks();
    if (this.#flights.size === 0) this.#lastProgressAt = now;
    this.#flights.add(flight);
    if (loadsLink(flight.job.sizeBytes)) {
      this.#lastStartAt = now;
      this.#lastStartBytes = flight.job.sizeBytes;
    }
    this.#meter.start(now);
    void work();
  }

  /** Records the end of a request; ignores one that was removed before. */
  remove(flight: Flight, end: FlightResult): void {
    const now = this.#clock.ticks();
    const { job, startedAt } = flight;
    if (!this.#flights.delete(flight)) return;
    this.#lastProgressAt = now;
    if (end === 'congested') this.#concurrency.onCongestion(startedAt, now);
    if (end === 'acknowledged') {
      const tookMs = now - startedAt;
      this.#stallFactor = 1;
      if (loadsLink(job.sizeBytes))
        this.#averageFlightMs = tookMs * LATEST_WEIGHT + (this.#averageFlightMs ?? tookMs) * (1 - LATEST_WEIGHT);
      this.#meter.addSample(job.sizeBytes, tookMs, now);
      this.#concurrency.onAcknowledged(job.sizeBytes, tookMs, now);
    }
    if (this.#flights.size === 0) this.#meter.stop();
  }

  /**
   * Aborts all requests if none ended for max(60 s, 4 x the time that the rate explains). Each
   * stall doubles that time, until a chunk is acknowledged.
   */
  abortStalled(): void {
    if (this.#flights.size === 0) return;
    const rate = this.#rate;
    const expectedMs = rate
      ? (4 * this.#bytesInFlight() * 1000) / rate
      : (this.#bytesInFlight() * 1000) / UNKNOWN_RATE_FLOOR;
    const now = this.#clock.ticks();
    if (now - this.#lastProgressAt < this.#stallFactor * Math.max(MIN_STALL_MS, expectedMs)) return;
    this.#stallFactor *= 2;
    this.#meter.skipStall(now);
    const stalled = new UploadError('stalled', 'The connection stalled. The upload is retried automatically.');
    for (const { controller } of this.#flights) controller.abort(stalled);
  }

  /** The measured rate in bytes per second, at least `MEASURED_RATE_FLOOR`; null if unknown. */
  get #rate(): number | null {
    const { measuredRate } = this.#meter;
    return measuredRate && Math.max(measuredRate, MEASURED_RATE_FLOOR);
  }

  /** The expected duration of the latest request at the rate of earlier runs; 0 if unknown. */
  get #expectedFlightMs(): number {
    const { measuredRate, ratePerRequest } = this.#meter;
    return measuredRate && ratePerRequest ? (this.#lastStartBytes / ratePerRequest) * 1000 : 0;
  }

  #bytesInFlight(): number {
    let bytes = 0;
    for (const { job } of this.#flights) bytes += job.sizeBytes;
    return bytes;
  }
}

/** Whether starts of this size are spaced; those of queries and session chunks are not. */
function loadsLink(sizeBytes: number): boolean {
  return sizeBytes > SESSION_CHUNK_BYTES;
}
