import { UploadError } from '../../src/shared/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Flight, FlightResult } from '../send/pipeline.ts';
import { SESSION_CHUNK_BYTES } from '../send/planner.ts';
import type { Concurrency } from '../server/concurrency.ts';
import type { Meter } from '../server/meter.ts';

/** Nothing is called stalled sooner than this. */
const MIN_STALL_MS = 60_000;
/** What the slowest link worth using carries (1 Mbit/s), in bytes per second: until the rate is known a big body is given this time. */
const UNKNOWN_RATE_FLOOR = 125_000;
/** What is measured below this is the wait for the answers to tiny files, not the link, in bytes per second. */
const MEASURED_RATE_FLOOR = UNKNOWN_RATE_FLOOR / 4;
/**
 * Starts are kept this share of their natural distance apart. Chunks that start together share the link, end together, and
 * leave it idle while all of them wait for the server; apart, the others fill it. Below 1, so that it never is the limit.
 */
const START_SPACING = 0.8;
/** What the newest request weighs in how long one takes. */
const LATEST_WEIGHT = 0.3;
/** Starts nearer than this are not worth a timer, in ms. */
const MIN_START_DELAY_MS = 5;

/** The requests in flight over all uploads: how many, when the next may start, and whether they stand still. */
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
  /** How long a request takes that is acknowledged; the last few weigh most. */
  #averageFlightMs: number | null = null;
  /** A chunk that was started although it may not end in time, once for each deadline. */
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

  /** Whether a request of this size would start too near to the one before. */
  isTooSoon(sizeBytes: number): boolean {
    return loadsLink(sizeBytes) && this.startDelayMs > 0;
  }

  /** Ms until another request that loads the link may start beside those in flight. */
  get startDelayMs(): number {
    if (this.#flights.size === 0) return 0;
    const apartMs = (START_SPACING * (this.#averageFlightMs ?? this.#expectedFlightMs)) / this.#concurrency.limit;
    const pauseMs = apartMs - (this.#clock.ticks() - this.#lastStartAt);
    return pauseMs < MIN_START_DELAY_MS ? 0 : pauseMs;
  }

  /**
   * Whether a request of this size is expected to end before the deadline, with what shares the link with it. A guess forbids
   * nothing: what Chromium says of a link that it has not used yet (1.3 Mbit/s) would keep a first chunk from ever being sent.
   */
  fitsDeadline(sizeBytes: number): boolean {
    const rate = this.#rate;
    const expectedMs = rate ? ((this.#bytesInFlight() + sizeBytes) / rate) * 1000 : 0;
    return expectedMs < this.remainingMs;
  }

  /** Whether one that does not fit may be tried all the same: alone, and once for each deadline. */
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

  /** A request ended; told again of the same one it does nothing. */
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

  /** Aborts everything when no chunk ended for far longer than the rate explains; then with more patience and fewer at a time. */
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
    const stalled = new UploadError('stalled', 'The connection stopped moving.');
    for (const { controller } of this.#flights) controller.abort(stalled);
  }

  /** Bytes per second to reckon with; null while nothing was measured. */
  get #rate(): number | null {
    const { measuredRate } = this.#meter;
    return measuredRate && Math.max(measuredRate, MEASURED_RATE_FLOOR);
  }

  /** How long the request started last should take by what was measured in earlier runs; 0 where nothing was. */
  get #expectedFlightMs(): number {
    const { measuredRate, ratePerRequest: ratePerFlight } = this.#meter;
    return measuredRate && ratePerFlight ? (this.#lastStartBytes / ratePerFlight) * 1000 : 0;
  }

  #bytesInFlight(): number {
    let bytes = 0;
    for (const { job } of this.#flights) bytes += job.sizeBytes;
    return bytes;
  }
}

/** Whether a request loads the link. One that only opens a session, or asks, need not be kept apart from others, nor others from it. */
function loadsLink(sizeBytes: number): boolean {
  return sizeBytes > SESSION_CHUNK_BYTES;
}
