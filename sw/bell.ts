import type { Clock } from './clock.ts';

/** Wakes one who waits; what rings before the waiting begins is not missed. */
export class Bell {
  readonly #clock: Clock;
  #hasRung = false;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it rang since it was reset. */
  get hasRung(): boolean {
    return this.#hasRung;
  }

  reset(): void {
    this.#hasRung = false;
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake();
  }

  /** Resolves when it rings, at once if it has, or after `delayMs`. */
  async wait(delayMs: number): Promise<void> {
    if (this.#hasRung) return;
    const done = new AbortController();
    this.#wake = () => done.abort();
    await this.#clock.sleep(delayMs, done.signal).catch(() => undefined);
  }
}
