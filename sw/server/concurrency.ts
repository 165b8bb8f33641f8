/** Pool size of the basic level. */
const INITIAL_LIMIT = 4;
/** A chunk that takes longer than this shares the connection with too many others. */
const SLOW_REQUEST_MS = 30_000;
/**
 * One more request pays unless the throughput falls below this share of the previous round.
 * Different file sizes alone make a round of five faster or slower than the next by a fifth.
 */
const MIN_GAIN = 0.8;

/**
 * Finds the number of requests in flight that pays: one more after each round of responses that
 * paid, one fewer after the first that did not, half after a failure. The limit never steps down
 * twice in a row: fewer requests are slower too, and would justify each further step down to one.
 */
export class Concurrency {
  readonly #fixed: number | null;
  readonly #getMax: () => number;
  #limit: number;
  /**
   * Responses in this round. The first round has one, because until then only one request may have
   * been in flight.
   */
  #roundSize = 1;
  #roundResponses = 0;
  #roundBytes = 0;
  #roundStartedAt: number | null = null;
  /** Bytes per ms of the previous round; null if it cannot be compared with this one. */
  #previousRate: number | null = null;
  #loweredAt = Number.NEGATIVE_INFINITY;

  /**
   * @param fixed the initial and highest limit, as configured; null finds the best one.
   * @param getMax the most that protocol and connection carry; ignored where the limit is fixed.
   */
  constructor(fixed: number | null, getMax: () => number = () => INITIAL_LIMIT) {
    this.#fixed = fixed;
    this.#getMax = getMax;
    this.#limit = fixed ?? INITIAL_LIMIT;
  }

  get limit(): number {
    return Math.min(this.#limit, this.#max);
  }

  get #max(): number {
    return this.#fixed ?? this.#getMax();
  }

  /** Counts an acknowledged request. */
  onAcknowledged(sizeBytes: number, tookMs: number, now: number): void {
    if (tookMs > SLOW_REQUEST_MS) {
      this.#lower(this.limit - 1, now);
      return;
    }
    this.#roundStartedAt ??= now - tookMs;
    this.#roundResponses++;
    this.#roundBytes += sizeBytes;
    if (this.#roundResponses < this.#roundSize) return;
    const rate = this.#roundBytes / Math.max(1, now - this.#roundStartedAt);
    const pays = this.#previousRate === null || rate >= MIN_GAIN * this.#previousRate;
    // The round after a step down is not compared.
    this.#previousRate = this.#roundSize > 1 && pays ? rate : null;
    this.#startRound(this.limit + (pays ? 1 : -1), now);
  }

  /** Counts a request, started at `startedAt`, that the connection or a busy server failed. */
  onCongestion(startedAt: number, now: number): void {
    // Requests that were in flight when the limit was lowered report the same congestion again.
    if (startedAt >= this.#loweredAt) this.#lower(Math.floor(this.limit / 2), now);
  }

  #lower(limit: number, now: number): void {
    this.#loweredAt = now;
    this.#previousRate = null;
    this.#startRound(limit, now);
  }

  #startRound(limit: number, now: number): void {
    this.#limit = Math.max(1, Math.min(this.#max, limit));
    this.#roundSize = this.#limit;
    this.#roundResponses = 0;
    this.#roundBytes = 0;
    this.#roundStartedAt = now;
  }
}
