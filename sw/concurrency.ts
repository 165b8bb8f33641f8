/** The original's pool. */
const START = 4;
/** HTTP/1.1 has six connections a host: one is left for the page. The original never has more than four chunks on their way. */
const MOST = { original: 4, http1: 5, http2: 8 } as const;
/** A chunk that takes longer than this has too many beside it, in ms. */
const LONG_MS = 30_000;
/**
 * One more at a time is worth it unless the whole became slower than this share of before. Files of different sizes alone
 * make one round of five faster or slower than the next by a fifth.
 */
const WORTH = 0.8;

/** What sets the most that may be in flight: the server's level and the protocol it is reached by. */
export type Carriage = keyof typeof MOST;

/**
 * How many requests may be in flight: one more after each round of answers that pays, one fewer after the first that does not,
 * half after trouble. Never one fewer twice running: fewer at a time are slower too, and would prove themselves right down to one.
 */
export class Concurrency {
  readonly #fixed: number | null;
  #most: number;
  #limit: number;
  /** Answers that make this round; the first one is over with one, because until then only one may have been in flight. */
  #round = 1;
  #answers = 0;
  #bytes = 0;
  #roundAt: number | null = null;
  /** Bytes per ms of the round before; null where it says nothing of this one. */
  #rateBefore: number | null = null;
  #loweredAt = Number.NEGATIVE_INFINITY;

  /** @param fixed the most that is allowed, and where it starts; null finds out what pays. */
  constructor(fixed: number | null) {
    this.#fixed = fixed;
    this.#most = fixed ?? MOST.original;
    this.#limit = fixed ?? START;
  }

  get limit(): number {
    return this.#limit;
  }

  setCarriage(carriage: Carriage): void {
    this.#most = this.#fixed ?? MOST[carriage];
    this.#limit = Math.min(this.#limit, this.#most);
  }

  /** A request was acknowledged. */
  acknowledged(sizeBytes: number, tookMs: number, now: number): void {
    if (tookMs > LONG_MS) {
      this.#lower(this.#limit - 1, now);
      return;
    }
    this.#roundAt ??= now - tookMs;
    this.#answers++;
    this.#bytes += sizeBytes;
    if (this.#answers < this.#round) return;
    const rate = this.#bytes / Math.max(1, now - this.#roundAt);
    const pays = this.#rateBefore === null || rate >= WORTH * this.#rateBefore;
    // The round after a step down has nothing to beat.
    this.#rateBefore = this.#round > 1 && pays ? rate : null;
    this.#begin(this.#limit + (pays ? 1 : -1), now);
  }

  /** A request that began at `startedAt` failed of the link or of a busy server. */
  troubled(startedAt: number, now: number): void {
    // What was in flight already when it was lowered says the same thing once more.
    if (startedAt >= this.#loweredAt) this.#lower(Math.floor(this.#limit / 2), now);
  }

  #lower(limit: number, now: number): void {
    this.#loweredAt = now;
    this.#rateBefore = null;
    this.#begin(limit, now);
  }

  #begin(limit: number, now: number): void {
    this.#limit = Math.max(1, Math.min(this.#most, limit));
    this.#round = this.#limit;
    this.#answers = 0;
    this.#bytes = 0;
    this.#roundAt = now;
  }
}
