import { UploadError } from '../src/shared/errors.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './meter.ts';
import type { Flight } from './pipeline.ts';

/** Nothing is called stalled sooner than this. */
const PATIENCE_MS = 60_000;
/** What the slowest link worth using carries (1 Mbit/s), in bytes per second: until the rate is known a big body is given this time. */
const SLOWEST_RATE = 125_000;

/** The requests in flight over all uploads: how many, whether another fits in the time left, and whether they stand still. */
export class Pool {
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #most: number;
  readonly #flights = new Set<Flight>();
  #limit: number;
  #deadline: number;
  #patience = 1;
  #movedAt = 0;
  /** A chunk that was started although it may not end in time, once for each deadline. */
  #triedAnyway = false;

  constructor(clock: Clock, meter: Meter, most: number, deadline: number) {
    this.#clock = clock;
    this.#meter = meter;
    this.#most = most;
    this.#limit = most;
    this.#deadline = deadline;
  }

  get size(): number {
    return this.#flights.size;
  }

  get hasRoom(): boolean {
    return this.#flights.size < this.#limit;
  }

  get deadline(): number {
    return this.#deadline;
  }

  extend(deadline: number): void {
    if (deadline <= this.#deadline) return;
    this.#deadline = deadline;
    this.#triedAnyway = false;
  }

  /** Whether a request of this size is expected to end before the deadline, with what shares the link with it. */
  fits(sizeBytes: number): boolean {
    const rate = this.#meter.rate;
    const expectedMs = rate ? ((this.#bytes() + sizeBytes) / rate) * 1000 : 0;
    return this.#clock.now() + expectedMs < this.#deadline;
  }

  /** Whether one that does not fit may be tried all the same: alone, and once for each deadline. */
  mayTryAnyway(): boolean {
    if (this.#flights.size > 0 || this.#triedAnyway || this.#clock.now() >= this.#deadline) return false;
    this.#triedAnyway = true;
    return true;
  }

  add(flight: Flight, work: () => Promise<void>): void {
    const now = this.#clock.now();
    if (this.#flights.size === 0) this.#movedAt = now;
    this.#flights.add(flight);
    this.#meter.start(now);
    void work();
  }

  /** A request ended; `acknowledged` shows that the link moves. */
  remove(flight: Flight, acknowledged: boolean): void {
    const now = this.#clock.now();
    this.#flights.delete(flight);
    this.#movedAt = now;
    if (this.#flights.size === 0) this.#meter.stop(now);
    if (!acknowledged) return;
    this.#patience = 1;
    this.#limit = Math.min(this.#most, this.#limit + 1);
  }

  /** Aborts everything when no chunk ended for far longer than the rate explains; then with more patience and fewer at a time. */
  abortStalled(): void {
    if (this.#flights.size === 0) return;
    const rate = this.#meter.rate;
    const expectedMs = rate ? (4 * this.#bytes() * 1000) / rate : (this.#bytes() * 1000) / SLOWEST_RATE;
    if (this.#clock.now() - this.#movedAt < this.#patience * Math.max(PATIENCE_MS, expectedMs)) return;
    this.#patience *= 2;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    const stalled = new UploadError('stalled', 'The connection stopped moving.');
    for (const { controller } of this.#flights) controller.abort(stalled);
  }

  #bytes(): number {
    let bytes = 0;
    for (const { job } of this.#flights) bytes += job.sizeBytes;
    return bytes;
  }
}
