const MEMORY_MS = 30_000;

/** The link's rate from acknowledged bytes over the time something was in flight; the last half minute weighs most. */
export class Meter {
  #bytes = 0;
  #ms = 0;
  #since: number | null = null;
  readonly #guess: number | null;

  /** @param guess bytes per second to go by until something is acknowledged. */
  constructor(guess: number | null) {
    this.#guess = guess;
  }

  /** Bytes per second; null while nothing is known. */
  get rate(): number | null {
    return this.#ms > 0 && this.#bytes > 0 ? (this.#bytes / this.#ms) * 1000 : this.#guess;
  }

  /** The link begins to be busy. */
  start(now: number): void {
    this.#since ??= now;
  }

  acknowledged(bytes: number, now: number): void {
    this.#lapse(now);
    this.#bytes += bytes;
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
    this.#ms = this.#ms * fade + ms;
    this.#since = now;
  }
}
