import type { Clock } from '../ports/clock.ts';

/** Wakes one who waits; what rings before the waiting begins is not missed. */
export class WakeSignal {
  readonly #clock: Clock;
  #isNotified = false;
  #endWait: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it rang since it was reset. */
  get isNotified(): boolean {
    return this.#isNotified;
  }

  reset(): void {
    this.#isNotified = false;
  }

  notify(): void {
    this.#isNotified = true;
    this.#endWait();
  }

  /** Resolves when it rings, at once if it has, or after `delayMs`. */
  async wait(delayMs: number): Promise<void> {
    if (this.#isNotified) return;
    const done = new AbortController();
    this.#endWait = () => done.abort();
    await this.#clock.sleep(delayMs, done.signal).catch(() => undefined);
  }
}
