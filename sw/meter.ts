const MEMORY_MS = 30_000;
/** What an earlier estimate weighs against what is measured now: this much time at that rate. */
const GUESS_MS = 3000;

/** The link as its acknowledgements show it; the last half minute weighs most. */
export class Meter {
  #bytes = 0;
  /** Time in which something was in flight. */
  #busyMs = 0;
  /** Time that the acknowledged requests took, each counted for itself. */
  #flightMs = 0;
  #since: number | null = null;

  /**
   * @param guess bytes per second to go by until more is known, or null.
   * @param inFlight with how many requests at once that rate was reached.
   */
  constructor(guess: number | null, inFlight: number) {
    if (!guess) return;
    this.#bytes = (guess * GUESS_MS) / 1000;
    this.#busyMs = GUESS_MS;
    this.#flightMs = GUESS_MS * inFlight;
  }

  /** Acknowledged bytes per second while something was in flight; null while nothing is known. */
  get rate(): number | null {
    return this.#busyMs > 0 && this.#bytes > 0 ? (this.#bytes / this.#busyMs) * 1000 : null;
  }

  /** Bytes per second of one request, its wait for the answer included; null while nothing is known. */
  get ratePerFlight(): number | null {
    return this.#flightMs > 0 && this.#bytes > 0 ? (this.#bytes / this.#flightMs) * 1000 : null;
  }

  /** The link begins to be busy. */
  start(now: number): void {
    this.#since ??= now;
  }

  acknowledged(bytes: number, tookMs: number, now: number): void {
    this.#lapse(now);
    this.#bytes += bytes;
    this.#flightMs += Math.max(0, tookMs);
  }

  /** Nothing is in flight any more: idle time says nothing about the link. */
  stop(now: number): void {
    this.#lapse(now);
    this.#since = null;
  }

  #lapse(now: number): void {
    if (this.#since === null) return;
    const ms = Math.max(0, now - this.#since);
    const fade = Math.exp(-ms / MEMORY_MS);
    this.#bytes *= fade;
    this.#flightMs *= fade;
    this.#busyMs = this.#busyMs * fade + ms;
    this.#since = now;
  }
}
