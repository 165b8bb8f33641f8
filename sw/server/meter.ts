import { average } from './average.ts';

/** Half-life of the measurement is about 20 s: older samples lose weight exponentially. */
const DECAY_MS = 30_000;
/** Fewer acknowledged bytes measure the server's response time instead of the connection. */
const MIN_SAMPLE_BYTES = 64 * 1024;
/**
 * From this time with requests in flight on, the bytes per second of that time are the rate. Before
 * that, the wait for the first responses would make the rate too low.
 */
const MIN_BUSY_MS = 3000;
/** The most that the arrival of bodies says about the capacity, as a multiple of the rate. */
const MAX_ARRIVAL_GAIN = 4;
/** The capacity as a multiple of the rate, if no server reports the arrival of bodies. */
const UNKNOWN_GAIN = 1.5;

/** An acknowledged request. */
export interface Sample {
  readonly sizeBytes: number;
  /** From the start of the request to its response. */
  readonly tookMs: number;
  /** How long its body took to arrive at the server, if the server says so. */
  readonly receivedMs: number | undefined;
  /** How many requests shared the connection during this one on average, itself included. */
  readonly inFlight: number;
}

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
  /** The rate by the durations of the bodies alone; null before a server reported one. */
  #arrivalRate: number | null = null;
  #overheadMs: number | null = null;
  readonly #remembered: number | null;
  readonly #guess: number | null;
  readonly #inFlight: number;

  /**
   * @param remembered bytes per second as measured in earlier runs, or null.
   * @param guess bytes per second as the browser estimates them, or null.
   * @param inFlight how many requests in flight share these rates.
   */
  constructor(remembered: number | null, guess: number | null, inFlight: number) {
    this.#remembered = remembered;
    this.#guess = guess;
    this.#inFlight = inFlight;
  }

  /** Bytes per second as measured in this run; null before a measurement. */
  get currentRate(): number | null {
    if (this.#sampledBytes < MIN_SAMPLE_BYTES) return null;
    if (this.#busyMs < MIN_BUSY_MS && this.#arrivalRate !== null) return this.#arrivalRate;
    return this.#busyMs >= MIN_BUSY_MS || this.#remembered === null ? this.#averageRate : null;
  }

  /**
   * The bytes per second that the connection could carry if enough were in flight; null before a
   * measurement. The measured rate alone would keep too few in flight for ever: each wait for a
   * response lowers it.
   */
  get capacity(): number | null {
    const rate = this.currentRate;
    if (rate === null || this.#busyMs < MIN_BUSY_MS) return rate;
    // A proxy that buffers requests makes every body arrive in no time.
    if (this.#arrivalRate !== null) return Math.max(rate, Math.min(this.#arrivalRate, rate * MAX_ARRIVAL_GAIN));
    return rate * UNKNOWN_GAIN;
  }

  /** The rate of this run, or else of earlier ones; null if neither is known. */
  get measuredRate(): number | null {
    return this.currentRate ?? this.#remembered;
  }

  /** The measured rate, or else the browser's estimate; null if neither is known. */
  get rate(): number | null {
    return this.measuredRate ?? this.#guess;
  }

  /** Bytes per second of one request, including the wait for its response; null if not known. */
  get ratePerRequest(): number | null {
    if (this.currentRate !== null && this.#requestMs > 0) return (this.#bytes / this.#requestMs) * 1000;
    const rate = this.#remembered ?? this.#guess;
    return rate === null ? null : rate / this.#inFlight;
  }

  /** The least time of a request besides that of its body, in ms; null if no server reports it. */
  get overheadMs(): number | null {
    return this.#overheadMs;
  }

  /** Starts to measure when the first request is in flight. */
  start(now: number): void {
    this.#since ??= now;
  }

  addSample({ sizeBytes, tookMs, receivedMs, inFlight }: Sample, now: number): void {
    this.#advance(now);
    this.#bytes += sizeBytes;
    this.#requestMs += tookMs;
    this.#sampledBytes += sizeBytes;
    if (receivedMs === undefined || sizeBytes < MIN_SAMPLE_BYTES) return;
    this.#overheadMs = Math.min(this.#overheadMs ?? Number.POSITIVE_INFINITY, Math.max(0, tookMs - receivedMs));
    this.#arrivalRate = average(this.#arrivalRate, (sizeBytes / Math.max(1, receivedMs)) * 1000 * inFlight);
  }

  /** Leaves out the time until now, in which the connection carried nothing. */
  skipStall(now: number): void {
    if (this.#since !== null) this.#since = now;
  }

  /** Stops when nothing is in flight: idle time and the time of aborted requests do not count. */
  stop(): void {
    this.#since = null;
  }

  get #averageRate(): number | null {
    return this.#busyMs > 0 ? (this.#bytes / this.#busyMs) * 1000 : null;
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
