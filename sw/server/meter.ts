/** Half-life of the measurement is about 20 s: older samples lose weight exponentially. */
const DECAY_MS = 30_000;
/** The rate of earlier runs weighs as much as this much time at that rate. */
const PRIOR_WEIGHT_MS = 3000;
/** Fewer acknowledged bytes measure the server's response time instead of the connection. */
const MIN_SAMPLE_BYTES = 64 * 1024;

/**
 * Measures the throughput of the connection by its acknowledgements; the last half minute weighs
 * most.
 */
export class Meter {
  #bytes = 0;
  /** Time with at least one request in flight. */
  #busyMs = 0;
  /** Sum of the durations of acknowledged requests. */
  #requestMs = 0;
  #since: number | null = null;
  /** All bytes that were measured, without decay. */
  #sampledBytes = 0;
  readonly #guess: number | null;
  readonly #inFlight: number;

  /**
   * @param before bytes per second as measured in earlier runs, or null.
   * @param guess bytes per second as the browser estimates them, or null; used until a measurement
   *   exists.
   * @param inFlight how many requests in flight share these rates.
   */
  constructor(before: number | null, guess: number | null, inFlight: number) {
    this.#guess = guess;
    this.#inFlight = inFlight;
    if (!before) return;
    this.#sampledBytes = MIN_SAMPLE_BYTES;
    this.#bytes = (before * PRIOR_WEIGHT_MS) / 1000;
    this.#busyMs = PRIOR_WEIGHT_MS;
    this.#requestMs = PRIOR_WEIGHT_MS * inFlight;
  }

  /**
   * Acknowledged bytes per second while requests were in flight; null before enough bytes were
   * sent.
   */
  get measuredRate(): number | null {
    return this.#hasSample && this.#busyMs > 0 ? (this.#bytes / this.#busyMs) * 1000 : null;
  }

  /** The measured rate, or else the browser's estimate; null if neither is known. */
  get rate(): number | null {
    return this.measuredRate ?? this.#guess;
  }

  /** Bytes per second of one request, including the wait for its response; null if not known. */
  get ratePerRequest(): number | null {
    if (this.#hasSample && this.#requestMs > 0) return (this.#bytes / this.#requestMs) * 1000;
    return this.#guess === null ? null : this.#guess / this.#inFlight;
  }

  get #hasSample(): boolean {
    return this.#sampledBytes >= MIN_SAMPLE_BYTES;
  }

  /** Starts to measure when the first request is in flight. */
  start(now: number): void {
    this.#since ??= now;
  }

  addSample(bytes: number, tookMs: number, now: number): void {
    this.#advance(now);
    this.#bytes += bytes;
    this.#requestMs += tookMs;
    this.#sampledBytes += bytes;
  }

  /** Leaves out the time until now, in which the connection stalled. */
  skipStall(now: number): void {
    this.#since = now;
  }

  /** Stops when nothing is in flight: idle time and the time of aborted requests do not count. */
  stop(): void {
    this.#since = null;
  }

  #advance(now: number): void {
    if (this.#since === null) return;
    const ms = now - this.#since;
    const decay = Math.exp(-ms / DECAY_MS);
    this.#bytes *= decay;
    this.#requestMs *= decay;
    this.#busyMs = this.#busyMs * decay + ms;
    this.#since = now;
  }
}
