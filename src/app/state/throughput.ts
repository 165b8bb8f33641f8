import type { UploadView } from '../../page/index.ts';
import { isTransferring } from './totals.ts';

/** How far back the picture goes. */
export const SHOWN_SECONDS = 300;
const EVERY_MS = 1000;
/** One second of the picture; `bytes` acknowledged in it. */
export interface Sample {
  readonly bytes: number;
  readonly retrying: number;
  readonly online: boolean;
}

/** What the last minutes were like, in numbers; rates in bytes per second. */
export interface ThroughputSummary {
  readonly now: number;
  readonly mean: number;
  readonly peak: number;
  readonly retried: number;
  readonly offlineSeconds: number;
}

/** A rate is taken over this many seconds: chunks end in bursts. */
const SMOOTHED_SECONDS = 5;
/** Nothing acknowledged for this long, while something is on its way, is called stalled. */
const STALLED_SECONDS = 60;

/** What went over the link since the page was opened, second by second; kept in memory only. */
export class Throughput {
  #samples: Sample[] = [];
  #seen = new Map<string, number>();
  #retrying = new Map<string, number>();
  #bytes = 0;
  #retried = 0;
  #isMoving = false;
  #tickedAt: number | null = null;
  /** How many ticks in a row have seen nothing arrive of what was on its way. */
  #stillTicks = 0;

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Looks at the uploads as they stand now. */
  observe(uploads: readonly UploadView[]): void {
    const seen = new Map<string, number>();
    const retrying = new Map<string, number>();
    for (const { id, progress } of uploads) {
      seen.set(id, progress.bytesUploaded);
      const count = progress.retrying?.length ?? 0;
      if (count > 0) retrying.set(id, count);
      this.#retried += Math.max(0, count - (this.#retrying.get(id) ?? 0));
      // What is met for the first time was sent before.
      this.#bytes += Math.max(0, progress.bytesUploaded - (this.#seen.get(id) ?? progress.bytesUploaded));
    }
    this.#seen = seen;
    this.#retrying = retrying;
    this.#isMoving = uploads.some(isTransferring);
  }

  /**
   * Ends a second, or all since the last tick: a hidden page has one a minute, a sleeping machine none.
   *
   * @param now in ms since 1970.
   */
  tick(now: number, online: boolean): void {
    const passed = Math.round((now - (this.#tickedAt ?? now)) / EVERY_MS);
    const seconds = Math.min(SHOWN_SECONDS, Math.max(1, passed));
    const sample = { bytes: this.#bytes / seconds, retrying: 0, online };
    this.#samples.push(...Array<Sample>(seconds - 1).fill(sample), { ...sample, retrying: this.#retried });
    this.#samples = this.#samples.slice(-SHOWN_SECONDS);
    this.#stillTicks = this.#isMoving && online && this.#bytes === 0 ? this.#stillTicks + 1 : 0;
    this.#tickedAt = now;
    this.#bytes = 0;
    this.#retried = 0;
  }

  /** Whether something is on its way and nothing has arrived for a minute; not one that the machine slept through. */
  get isStalled(): boolean {
    return this.#stillTicks >= STALLED_SECONDS;
  }

  /** The smoothed rate of each sample, in bytes per second. */
  get rates(): number[] {
    return this.#samples.map((_, i) => {
      const last = this.#samples.slice(Math.max(0, i + 1 - SMOOTHED_SECONDS), i + 1);
      return last.reduce((sum, { bytes }) => sum + bytes, 0) / SMOOTHED_SECONDS;
    });
  }

  get summary(): ThroughputSummary {
    const rates = this.rates;
    const busy = rates.filter((rate) => rate > 0);
    return {
      now: rates.at(-1) ?? 0,
      mean: busy.length === 0 ? 0 : busy.reduce((sum, rate) => sum + rate, 0) / busy.length,
      peak: Math.max(0, ...rates),
      retried: this.#samples.reduce((sum, { retrying }) => sum + retrying, 0),
      offlineSeconds: this.#samples.filter(({ online }) => !online).length,
    };
  }
}

/** Ticks every second until it is stopped. */
export function everySecond(tick: () => void, signal: AbortSignal): void {
  const timer = setInterval(tick, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}
