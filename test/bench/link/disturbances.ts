import { type Cuts, generateResetBytes, getCutPhase, type RateStep } from './schedule.ts';

/** Properties of a flaky link. */
export interface DisturbanceOptions {
  /** All connections are reset at each cut, and new ones until the link is up again. */
  readonly cuts?: Cuts;
  /** Each connection is reset after a random number of bytes with this mean. */
  readonly resetAfterBytes?: number;
  /** Changes of the rate, in order. */
  readonly steps?: readonly RateStep[];
}

/** The link that is disturbed. */
export interface Disturbed {
  setRate(bytesPerSecond: number): void;
  resetAll(): void;
}

/** Disturbs a link from each `start` on, always in the same way. Before, the link is steady. */
export class Disturbances {
  readonly #options: DisturbanceOptions;
  readonly #link: Disturbed;
  readonly #timers = new Set<NodeJS.Timeout>();
  #resetBytes: Iterator<number, never> | null = null;
  #isUp = true;

  constructor(options: DisturbanceOptions, link: Disturbed) {
    this.#options = options;
    this.#link = link;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(bytesPerSecond: number): void {
    const { cuts, resetAfterBytes, steps = [] } = this.#options;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#isUp = true;
    this.#link.setRate(bytesPerSecond);
    for (const step of steps) this.#after(step.afterMs, () => this.#link.setRate(step.bytesPerSecond));
    if (resetAfterBytes !== undefined) {
      this.#resetBytes = generateResetBytes(resetAfterBytes);
      // Connections of before would take the numbers of those that follow.
      this.#link.resetAll();
    }
    if (cuts) this.#followCuts(cuts, performance.now());
  }

  /** The number of bytes after which the next connection is reset. */
  nextResetBytes(): number {
    return this.#resetBytes?.next().value ?? Number.POSITIVE_INFINITY;
  }

  #followCuts(cuts: Cuts, startedAt: number): void {
    const { isUp, leftMs } = getCutPhase(cuts, performance.now() - startedAt);
    if (this.#isUp && !isUp) this.#link.resetAll();
    this.#isUp = isUp;
    // Timers count whole milliseconds and may be early by less than one.
    this.#after(leftMs + 1, () => this.#followCuts(cuts, startedAt));
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}
