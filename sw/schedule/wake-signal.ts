import type { Clock } from '../ports/clock.ts';

/** Ends the wait of a run. A notification that comes before the wait is kept, so none is missed. */
export class WakeSignal {
  readonly #clock: Clock;
  #isNotified = false;
  #endWait: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether `notify` was called since the last `reset`. */
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

  /** Resolves with the next notification, immediately if there was one, or after `delayMs`. */
  async wait(delayMs: number): Promise<void> {
    if (this.#isNotified) return;
    const done = new AbortController();
    this.#endWait = () => done.abort();
    await this.#clock.sleep(delayMs, done.signal).catch(() => undefined);
  }
}
