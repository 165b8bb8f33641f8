import type { UploadView } from '../../page/index.ts';
import { isTransferring } from './totals.ts';

/** Length of the chart. */
export const SHOWN_SECONDS = 300;
const SECOND_MS = 1000;
/** The rate is an average over this time, because chunks complete in bursts. */
const SMOOTHING_SECONDS = 5;
/** The connection counts as stalled after this time without an uploaded byte. */
const STALL_TICKS = 60;

/** One second of the chart. */
export interface Sample {
  /** Bytes uploaded in it. */
  readonly bytes: number;
  /** Retries that began in it. */
  readonly retrying: number;
  readonly online: boolean;
}

/** Rates in bytes per second. */
export interface ThroughputSummary {
  /** As the worker measures it, so that it is the number in the list; otherwise counted here. */
  readonly now: number;
  readonly mean: number;
  readonly peak: number;
  readonly retried: number;
  readonly offlineSeconds: number;
}

/** Uploaded bytes per second since the page was opened, in memory only. */
export class Throughput {
  #samples: Sample[] = [];
  #uploaded = new Map<string, number>();
  #retrying = new Map<string, number>();
  #bytes = 0;
  #retried = 0;
  #isTransferring = false;
  /** The rate that the worker reports; null before it has measured one. */
  #reportedRate: number | null = null;
  #tickedAt: number | null = null;
  #ticksWithoutBytes = 0;

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Adds the progress since the previous call. */
  observe(uploads: readonly UploadView[]): void {
    const uploaded = new Map<string, number>();
    const retrying = new Map<string, number>();
    for (const { id, progress } of uploads) {
      uploaded.set(id, progress.bytesUploaded);
      const count = progress.retrying?.length ?? 0;
      if (count > 0) retrying.set(id, count);
      this.#retried += Math.max(0, count - (this.#retrying.get(id) ?? 0));
      // The bytes of an upload that is new here were sent earlier.
      this.#bytes += Math.max(0, progress.bytesUploaded - (this.#uploaded.get(id) ?? progress.bytesUploaded));
    }
    this.#uploaded = uploaded;
    this.#retrying = retrying;
    const transferring = uploads.filter(isTransferring);
    this.#isTransferring = transferring.length > 0;
    // Every upload reports the rate of the whole connection.
    this.#reportedRate = transferring.at(-1)?.progress.rateBytesPerSecond ?? null;
  }

  /**
   * Completes the seconds since the previous tick. Hidden pages tick once a minute, pages on a
   * suspended machine do not tick.
   *
   * @param now in ms since 1970.
   */
  tick(now: number, online: boolean): void {
    const passed = Math.round((now - (this.#tickedAt ?? now)) / SECOND_MS);
    const seconds = Math.min(SHOWN_SECONDS, Math.max(1, passed));
    const sample = { bytes: this.#bytes / seconds, retrying: 0, online };
    this.#samples.push(...Array<Sample>(seconds - 1).fill(sample), { ...sample, retrying: this.#retried });
    this.#samples = this.#samples.slice(-SHOWN_SECONDS);
    const isStill = this.#isTransferring && online && this.#bytes === 0;
    this.#ticksWithoutBytes = isStill ? this.#ticksWithoutBytes + 1 : 0;
    this.#tickedAt = now;
    this.#bytes = 0;
    this.#retried = 0;
  }

  /** Counts ticks and not seconds, because a suspended machine is not stalled. */
  get isStalled(): boolean {
    return this.#ticksWithoutBytes >= STALL_TICKS;
  }

  /** Whether bytes arrive at present, at a measured rate. */
  get isMeasured(): boolean {
    return this.#reportedRate !== null;
  }

  /** The smoothed rate of each sample, in bytes per second. */
  get rates(): number[] {
    return this.#samples.map((_, i) => {
      const last = this.#samples.slice(Math.max(0, i + 1 - SMOOTHING_SECONDS), i + 1);
      return last.reduce((sum, { bytes }) => sum + bytes, 0) / SMOOTHING_SECONDS;
    });
  }

  get summary(): ThroughputSummary {
    const rates = this.rates;
    const busy = rates.filter((rate) => rate > 0);
    return {
      now: this.#reportedRate ?? rates.at(-1) ?? 0,
      mean: busy.length === 0 ? 0 : busy.reduce((sum, rate) => sum + rate, 0) / busy.length,
      peak: Math.max(0, ...rates),
      retried: this.#samples.reduce((sum, { retrying }) => sum + retrying, 0),
      offlineSeconds: this.#samples.filter(({ online }) => !online).length,
    };
  }
}

/** Calls back every second until the signal aborts. */
export function everySecond(callback: () => void, signal: AbortSignal): void {
  const timer = setInterval(callback, SECOND_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}
