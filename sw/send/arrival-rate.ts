/**
 * Older samples count exponentially less. With this constant, in ms, they are on average as old as
 * those of a window of 20 s.
 */
const DECAY_MS = 10_000;
/** Fewer bytes measure the wait for responses instead of the link. */
const MIN_BYTES = 64 * 1024;
/** A shorter time, in ms, measures the start of a connection instead of the link. */
const MIN_MS = 2000;

/** A request in flight. */
interface Arrival {
  readonly sizeBytes: number;
  /** Bytes of it that the server is known to have. */
  bytes: number;
  /** The reading of `#shareMs` up to which `bytes` is known. */
  knownAt: number;
}

/**
 * Measures how fast bytes arrive at the server, for what people see. All uploads share one
 * measurement, because they share the link.
 *
 * Acknowledgements come in bursts of whole chunks, and at any time several chunks are half sent. So
 * each request accounts for its share of the time: with `n` requests in flight, a second is `1 / n`
 * second of each. The shares add up to the time with requests in flight, and the rate is bytes by
 * shares, both counted only for what is known to have arrived.
 */
export class ArrivalRate<Request> {
  readonly #arrivals = new Map<Request, Arrival>();
  /** Time of the last event. */
  #now = 0;
  /** Time with a request in flight. */
  #busyMs = 0;
  /** Share of that time of a request that was in flight throughout. */
  #shareMs = 0;
  /** Samples, decayed up to `#decayedAt`, a reading of `#busyMs`. */
  #sample = { bytes: 0, ms: 0 };
  #decayedAt = 0;
  /** The same without decay. */
  #total = { bytes: 0, ms: 0 };

  /** Whether a request is in flight. */
  get isBusy(): boolean {
    return this.#arrivals.size > 0;
  }

  /** Counts a request from now on; all times are in ticks. */
  start(request: Request, sizeBytes: number, now: number): void {
    this.#advance(now);
    this.#arrivals.set(request, { sizeBytes, bytes: 0, knownAt: this.#shareMs });
  }

  /**
   * Records how many bytes of a request the server has. None measure nothing, because a proxy may
   * hold them.
   */
  update(request: Request, receivedBytes: number, now: number): void {
    this.#advance(now);
    const arrival = this.#arrivals.get(request);
    if (!arrival) return;
    const bytes = Math.min(receivedBytes, arrival.sizeBytes);
    if (bytes > 0 || arrival.bytes > 0) this.#addSample(arrival, bytes);
  }

  /** Ends a request, whose chunk is acknowledged or not. The time of lost bytes does not count. */
  end(request: Request, isAcknowledged: boolean, now: number): void {
    this.#advance(now);
    const arrival = this.#arrivals.get(request);
    if (arrival && isAcknowledged) this.#addSample(arrival, arrival.sizeBytes);
    this.#arrivals.delete(request);
  }

  /** Bytes per second; null before it is measured. */
  getRate(now: number): number | null {
    this.#advance(now);
    if (this.#total.bytes < MIN_BYTES || this.#total.ms < MIN_MS) return null;
    let { bytes, ms } = this.#sample;
    const perMs = bytes / ms;
    // A request that is overdue has brought its size at most in its share of the time.
    for (const arrival of this.#arrivals.values()) {
      const shareMs = this.#shareMs - arrival.knownAt;
      const leftBytes = arrival.sizeBytes - arrival.bytes;
      if (perMs * shareMs <= leftBytes) continue;
      bytes += leftBytes;
      ms += shareMs;
    }
    return (bytes / ms) * 1000;
  }

  /** Bytes of a request that the server is known to have; 0 once it has ended. */
  getKnownBytes(request: Request): number {
    return this.#arrivals.get(request)?.bytes ?? 0;
  }

  /** Bytes of a request that arrived by now at this rate, beyond those known: an estimate. */
  estimateMoreBytes(request: Request, bytesPerSecond: number, now: number): number {
    this.#advance(now);
    const arrival = this.#arrivals.get(request);
    if (!arrival) return 0;
    const shareMs = this.#shareMs - arrival.knownAt;
    return Math.min((bytesPerSecond * shareMs) / 1000, arrival.sizeBytes - arrival.bytes);
  }

  /** The share of one request in the rate: 1 where it is alone. */
  get share(): number {
    return 1 / Math.max(1, this.#arrivals.size);
  }

  #addSample(arrival: Arrival, bytes: number): void {
    const decay = Math.exp((this.#decayedAt - this.#busyMs) / DECAY_MS);
    const more = { bytes: bytes - arrival.bytes, ms: this.#shareMs - arrival.knownAt };
    this.#sample = { bytes: this.#sample.bytes * decay + more.bytes, ms: this.#sample.ms * decay + more.ms };
    this.#total = { bytes: this.#total.bytes + more.bytes, ms: this.#total.ms + more.ms };
    this.#decayedAt = this.#busyMs;
    arrival.bytes = bytes;
    arrival.knownAt = this.#shareMs;
  }

  #advance(now: number): void {
    const ms = now - this.#now;
    this.#now = now;
    if (!this.isBusy) return;
    this.#busyMs += ms;
    this.#shareMs += ms * this.share;
  }
}
