import { DRIVER_LOCK } from '../shared/worker-lifetime.ts';

/**
 * Notices when a run of the worker ends, also by a crash: the lock of a killed worker is free
 * within 6 ms (Chromium 156). Without it, uploads would stand still until the next timer.
 */
export class RunWatch {
  readonly #onEnd: () => void;
  readonly #closed: AbortSignal;
  #isWatching = false;

  constructor(onEnd: () => void, closed: AbortSignal) {
    this.#onEnd = onEnd;
    this.#closed = closed;
  }

  /** Watches until the active run ends. Called with each sign of a run. */
  async watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    try {
      // Shared, so that several tabs see the same end.
      await navigator.locks.request(DRIVER_LOCK, { mode: 'shared', signal: this.#closed }, () => undefined);
      this.#onEnd();
    } finally {
      this.#isWatching = false;
    }
  }
}
