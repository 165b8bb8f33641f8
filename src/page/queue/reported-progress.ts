import type { Progress } from '../../shared/messages.ts';
import { withoutRate } from './progress.ts';

/** A worker that sends reports its rate at least once a second. */
const MAX_SILENCE_MS = 10_000;

/** The progress that the worker reports. A worker that died leaves no rate behind. */
export class ReportedProgress {
  readonly #onProgress: (progress: Progress) => void;
  /** The last reports with a rate, by upload. */
  readonly #rated = new Map<string, Progress>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onProgress: (progress: Progress) => void) {
    this.#onProgress = onProgress;
  }

  onReport(progress: Progress): void {
    clearTimeout(this.#timer);
    if (progress.rateBytesPerSecond === null) this.#rated.delete(progress.id);
    else this.#rated.set(progress.id, progress);
    if (this.#rated.size > 0) this.#timer = setTimeout(() => this.#endRates(), MAX_SILENCE_MS);
    this.#onProgress(progress);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #endRates(): void {
    for (const progress of this.#rated.values()) this.#onProgress(withoutRate(progress));
    this.#rated.clear();
  }
}
