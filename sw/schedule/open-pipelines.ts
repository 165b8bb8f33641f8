import type { Ordering } from '../../src/shared/capabilities.ts';
import type { Job, Pipeline } from '../send/pipeline.ts';

/** The uploads that a run has taken up, and which of them sends next. */
export class OpenPipelines {
  readonly #pipelines = new Map<string, Pipeline>();

  /** How many have something to send: what waits for its copy may wait until its user is back. */
  get sendingCount(): number {
    return this.all().filter(({ isWaitingForStaging: waitsForCopy }) => !waitsForCopy).length;
  }

  /** How many have no session yet, and what opens one. */
  get withoutSessionCount(): number {
    return this.all().filter(
      ({ upload, isWaitingForStaging: waitsForCopy }) => upload.session === null && !waitsForCopy,
    ).length;
  }

  /** Whether a request is under way, or its answer still being booked. */
  get hasInFlight(): boolean {
    return this.all().some(({ flights }) => flights.size > 0);
  }

  get hasSmall(): boolean {
    return this.all().some(({ isSmall }) => isSmall);
  }

  get(id: string): Pipeline | undefined {
    return this.#pipelines.get(id);
  }

  add(pipeline: Pipeline): void {
    this.#pipelines.set(pipeline.upload.id, pipeline);
  }

  remove(id: string): void {
    this.#pipelines.delete(id);
  }

  all(): Pipeline[] {
    return [...this.#pipelines.values()];
  }

  /**
   * In the user's order, but for one small upload at a time that need not wait behind a giant.
   *
   * @param now in ticks.
   * @param wanted whose chunk 0 goes before everything else.
   */
  nextJob(now: number, order: Ordering, wanted: ReadonlySet<string>): { pipeline: Pipeline; job: Job } | null {
    const pipelines = this.all().sort((a, b) => a.upload.rank - b.upload.rank);
    const isSmallUnderWay = pipelines.some(({ isSmall, flights }) => isSmall && flights.size > 0);
    const small = isSmallUnderWay ? [] : pipelines.filter(({ isSmall }) => isSmall);
    // Of these chunk 0 only: the rest may go another way.
    const toBegin = pipelines.filter(({ upload, flights }) => wanted.has(upload.id) && flights.size === 0);
    for (const pipeline of [...toBegin, ...small, ...pipelines]) {
      const job = pipeline.nextJob(now, order);
      if (job) return { pipeline, job };
    }
    return null;
  }

  /** When the next delayed request is due, in ticks; never when none is delayed. */
  nextDueAt(): number {
    return Math.min(...this.all().map((pipeline) => pipeline.nextDueAt()));
  }
}
