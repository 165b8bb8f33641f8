/** Time behind an interface, so that tests need not wait. */
export interface Clock {
  /** Ms since 1970, for stored times. It jumps when the clock is set. */
  now(): number;
  /** Monotonic ms since the worker started, for durations and deadlines. */
  ticks(): number;
  /** Resolves after `delayMs`, or rejects with the signal's reason. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

// A longer delay overflows the 32 bits of a timer, which then fires at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  random: () => Math.random(),
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        Math.min(Math.max(delayMs, 0), MAX_TIMER_MS),
      );
      signal?.addEventListener('abort', abort, { once: true });
    });
  },
};
