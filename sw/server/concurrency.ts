import type { Sample } from './meter.ts';

/** Requests in flight before the first response: the pool size of the basic level. */
const INITIAL_LIMIT = 4;
/**
 * Streams of a multiplexed connection before the first response. Proxies such as nginx and HAProxy
 * let each stream send 64 KiB per round trip, so that only many streams fill a fast link.
 */
const INITIAL_STREAMS = 24;
/** A protocol that carries more requests than this multiplexes them. */
const MAX_CONNECTIONS = 8;
/** A chunk that takes longer than this shares the connection with too many others. */
const SLOW_REQUEST_MS = 30_000;
/**
 * One more connection pays unless the throughput falls below this share of the previous round.
 * Different file sizes alone make a round of five faster or slower than the next by a fifth.
 */
const MIN_GAIN = 0.8;
/**
 * More streams pay if together they are faster at least by this factor. Each is measured by its own
 * rate: a window for each stream limits it alone, a full connection limits all of them together.
 */
const MIN_STREAM_GAIN = 1.2;

type RequestSample = Pick<Sample, 'sizeBytes' | 'tookMs' | 'receivedMs'>;

/**
 * Finds the number of requests in flight that pays. Connections: one more after each round of
 * responses that paid, one fewer after the first that did not; never two steps down in a row,
 * because fewer requests are slower too, and would justify each further step down to one. Streams:
 * twice as many after each round that paid, until one does not. Both: half after a failure.
 */
export class Concurrency {
  readonly #fixed: number | null;
  readonly #getMax: () => number;
  readonly #rememberedStreams: number | null;
  /** Null until the first round ends. */
  #limit: number | null = null;
  #hasEnoughStreams = false;
  /** The number of streams before it was doubled. */
  #fewerStreams = INITIAL_STREAMS;
  #roundResponses = 0;
  #roundBytes = 0;
  #roundReceivedMs = 0;
  #roundStartedAt: number | null = null;
  /** Bytes per ms of the previous round; null if it cannot be compared with this one. */
  #previousRate: number | null = null;
  #loweredAt = Number.NEGATIVE_INFINITY;

  /**
   * @param fixed the initial and highest limit, as configured; null finds the best one.
   * @param getMax the most that protocol and connection carry; ignored where the limit is fixed.
   * @param rememberedStreams how many streams paid in earlier runs; null if unknown.
   */
  constructor(
    fixed: number | null,
    getMax: () => number = () => INITIAL_LIMIT,
    rememberedStreams: number | null = null,
  ) {
    this.#fixed = fixed;
    this.#getMax = getMax;
    this.#rememberedStreams = rememberedStreams;
  }

  get limit(): number {
    return Math.min(this.#limit ?? this.#initialLimit, this.#max);
  }

  /** How many streams pay; null for a connection without streams, or before a measurement. */
  get streams(): number | null {
    return this.#isMultiplexed && this.#limit !== null ? this.limit : null;
  }

  /** Counts an acknowledged request. */
  onAcknowledged({ sizeBytes, tookMs, receivedMs = tookMs }: RequestSample, now: number): void {
    if (tookMs > SLOW_REQUEST_MS) {
      this.#lower(this.limit - 1, now);
      return;
    }
    this.#roundStartedAt ??= now - tookMs;
    // A stream that started before this round measures the previous number of streams.
    if (this.#isMultiplexed && now - tookMs < this.#roundStartedAt) return;
    this.#roundResponses++;
    this.#roundBytes += sizeBytes;
    this.#roundReceivedMs += receivedMs;
    if (this.#roundResponses >= this.#roundSize) this.#endRound(this.#roundStartedAt, now);
  }

  /** Counts a request, started at `startedAt`, that the connection or a busy server failed. */
  onCongestion(startedAt: number, now: number): void {
    // Requests that were in flight when the limit was lowered report the same congestion again.
    if (startedAt >= this.#loweredAt) this.#lower(Math.floor(this.limit / 2), now);
  }

  get #max(): number {
    return this.#fixed ?? this.#getMax();
  }

  get #isMultiplexed(): boolean {
    return this.#fixed === null && this.#max > MAX_CONNECTIONS;
  }

  get #initialLimit(): number {
    if (this.#isMultiplexed) return this.#rememberedStreams ?? INITIAL_STREAMS;
    return this.#fixed ?? INITIAL_LIMIT;
  }

  /**
   * The first round of connections has one response, because until then only one request may have
   * been in flight. Half of the streams measure the rate of all.
   */
  get #roundSize(): number {
    if (this.#isMultiplexed) return Math.ceil(this.limit / 2);
    return this.#limit ?? 1;
  }

  #endRound(startedAt: number, now: number): void {
    const [minGain, ms] = this.#isMultiplexed
      ? [MIN_STREAM_GAIN, this.#roundReceivedMs / this.limit]
      : [MIN_GAIN, now - startedAt];
    const rate = this.#roundBytes / Math.max(1, ms);
    const pays = this.#previousRate === null || rate >= minGain * this.#previousRate;
    // The round after a step down is not compared.
    this.#previousRate = this.#roundSize > 1 && pays ? rate : null;
    const limit = this.#isMultiplexed ? this.#countStreams(pays) : this.limit + (pays ? 1 : -1);
    this.#startRound(limit, now);
  }

  #countStreams(pays: boolean): number {
    if (this.#hasEnoughStreams) return this.limit;
    if (!pays) {
      this.#hasEnoughStreams = true;
      return this.#fewerStreams;
    }
    this.#hasEnoughStreams = this.limit >= this.#max;
    this.#fewerStreams = this.limit;
    return 2 * this.limit;
  }

  #lower(limit: number, now: number): void {
    this.#loweredAt = now;
    this.#previousRate = null;
    this.#startRound(limit, now);
  }

  #startRound(limit: number, now: number): void {
    this.#limit = Math.max(1, Math.min(this.#max, limit));
    this.#roundResponses = 0;
    this.#roundBytes = 0;
    this.#roundReceivedMs = 0;
    this.#roundStartedAt = now;
  }
}
