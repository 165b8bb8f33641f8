/** Periodic cuts of a link. It starts up. */
export interface Cuts {
  readonly upMs: number;
  readonly downMs: number;
}

/** A change of the rate of a link. */
export interface RateStep {
  readonly afterMs: number;
  readonly bytesPerSecond: number;
}

/** The state of a link with cuts at a time, and how long it lasts. */
export function getCutPhase({ upMs, downMs }: Cuts, elapsedMs: number): { isUp: boolean; leftMs: number } {
  const at = elapsedMs % (upMs + downMs);
  return at < upMs ? { isUp: true, leftMs: upMs - at } : { isUp: false, leftMs: upMs + downMs - at };
}

/** The time to the end of work that takes `upMs` on a link without cuts. */
export function addDownTime({ upMs, downMs }: Cuts, workMs: number): number {
  return workMs + Math.max(0, Math.ceil(workMs / upMs) - 1) * downMs;
}

/** The time that bytes need on a link whose rate changes in steps, in ms. */
export function getTransferMs(bytesPerSecond: number, steps: readonly RateStep[], bytes: number): number {
  let fromMs = 0;
  let left = bytes;
  let rate = bytesPerSecond;
  for (const step of steps) {
    const most = ((step.afterMs - fromMs) * rate) / 1000;
    if (left <= most) break;
    left -= most;
    fromMs = step.afterMs;
    rate = step.bytesPerSecond;
  }
  return fromMs + (left / rate) * 1000;
}

/**
 * Bytes after which connections are reset: exponentially distributed, in the same order for the
 * same seed.
 */
export function* generateResetBytes(meanBytes: number, seed = 1): Generator<number, never> {
  const random = createRandom(seed);
  for (;;) yield Math.ceil(-meanBytes * Math.log(1 - random()));
}

/** Mulberry32, uniform in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
