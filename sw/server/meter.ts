const DECAY_MS = 30_000;
/** What was measured before weighs against what is measured now as this much time at that rate. */
const PRIOR_WEIGHT_MS = 3000;
/** Fewer acknowledged bytes than this show how long an answer takes, not what the link carries. */
const MIN_SAMPLE_BYTES = 64 * 1024;

/** The link as its acknowledgements show it; the last half minute weighs most. */
export class Meter {
  #bytes = 0;
  /** Time in which something was in flight. */
  #busyMs = 0;
  /** Time that the acknowledged requests took, each counted for itself. */
  #requestMs = 0;
  #since: number | null = null;
  /** All that the rate rests on. */
  #sampledBytes = 0;
  readonly #guess: number | null;
  readonly #inFlight: number;

  /**
   * @param before bytes per second as measured earlier, or null.
   * @param guess bytes per second that somebody else takes the link for, or null: good until anything was measured.
   * @param inFlight with how many requests at once those are reached.
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

  /** Acknowledged bytes per second while something was in flight; null while too little was sent to tell. */
  get measuredRate(): number | null {
    return this.#hasSample && this.#busyMs > 0 ? (this.#bytes / this.#busyMs) * 1000 : null;
  }

  /** What to go by; null while nothing is known. */
  get rate(): number | null {
    return this.measuredRate ?? this.#guess;
  }

  /** Bytes per second of one request, its wait for the answer included; null while nothing is known. */
  get ratePerRequest(): number | null {
    if (this.#hasSample && this.#requestMs > 0) return (this.#bytes / this.#requestMs) * 1000;
    return this.#guess === null ? null : this.#guess / this.#inFlight;
  }

  get #hasSample(): boolean {
    return this.#sampledBytes >= MIN_SAMPLE_BYTES;
  }

  /** The link begins to be busy. */
  start(now: number): void {
    this.#since ??= now;
  }

  addSample(bytes: number, tookMs: number, now: number): void {
    this.#advance(now);
    this.#bytes += bytes;
    this.#requestMs += tookMs;
    this.#sampledBytes += bytes;
  }

  /** Nothing moved until now: that says nothing of what the link carries when it does. */
  skipStall(now: number): void {
    this.#since = now;
  }

  /** Nothing is in flight any more: neither idle time nor that of requests which were given up says anything about the link. */
  stop(): void {
    this.#since = null;
  }

  #advance(now: number): void {
    if (this.#since === null) return;
    const ms = now - this.#since;
    const fade = Math.exp(-ms / DECAY_MS);
    this.#bytes *= fade;
    this.#requestMs *= fade;
    this.#busyMs = this.#busyMs * fade + ms;
    this.#since = now;
  }
}
