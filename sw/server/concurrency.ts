/** The original's pool. */
const INITIAL_LIMIT = 4;
/** HTTP/1.1 has six connections a host: one is left for the page. The original never has more than four chunks on their way. */
const MAX_LIMITS = { original: 4, http1: 5, http2: 8 } as const;
/** A chunk that takes longer than this has too many beside it, in ms. */
const SLOW_REQUEST_MS = 30_000;
/**
 * One more at a time is worth it unless the whole became slower than this share of before. Files of different sizes alone
 * make one round of five faster or slower than the next by a fifth.
 */
const MIN_GAIN = 0.8;

/** What sets the most that may be in flight: the server's level and the protocol it is reached by. */
export type ProtocolLimit = keyof typeof MAX_LIMITS;

/**
 * How many requests may be in flight: one more after each round of answers that pays, one fewer after the first that does not,
 * half after trouble. Never one fewer twice running: fewer at a time are slower too, and would prove themselves right down to one.
 */
export class Concurrency {
  readonly #fixed: number | null;
  #max: number;
  #limit: number;
  /** Answers that make this round; the first one is over with one, because until then only one may have been in flight. */
  #roundSize = 1;
  #roundResponses = 0;
  #roundBytes = 0;
  #roundStartedAt: number | null = null;
  /** Bytes per ms of the round before; null where it says nothing of this one. */
  #previousRate: number | null = null;
  #loweredAt = Number.NEGATIVE_INFINITY;

  /** @param fixed the most that is allowed, and where it starts; null finds out what pays. */
  constructor(fixed: number | null) {
    this.#fixed = fixed;
    this.#max = fixed ?? MAX_LIMITS.original;
    this.#limit = fixed ?? INITIAL_LIMIT;
  }

  get limit(): number {
    return this.#limit;
  }

  setProtocolLimit(carriage: ProtocolLimit): void {
    this.#max = this.#fixed ?? MAX_LIMITS[carriage];
    this.#limit = Math.min(this.#limit, this.#max);
  }

  /** A request was acknowledged. */
  onAcknowledged(sizeBytes: number, tookMs: number, now: number): void {
    if (tookMs > SLOW_REQUEST_MS) {
      this.#lower(this.#limit - 1, now);
      return;
    }
    this.#roundStartedAt ??= now - tookMs;
    this.#roundResponses++;
    this.#roundBytes += sizeBytes;
    if (this.#roundResponses < this.#roundSize) return;
    const rate = this.#roundBytes / Math.max(1, now - this.#roundStartedAt);
    const pays = this.#previousRate === null || rate >= MIN_GAIN * this.#previousRate;
    // The round after a step down has nothing to beat.
    this.#previousRate = this.#roundSize > 1 && pays ? rate : null;
    this.#startRound(this.#limit + (pays ? 1 : -1), now);
  }

  /** A request that began at `startedAt` failed of the link or of a busy server. */
  onCongestion(startedAt: number, now: number): void {
    // What was in flight already when it was lowered says the same thing once more.
    if (startedAt >= this.#loweredAt) this.#lower(Math.floor(this.#limit / 2), now);
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
