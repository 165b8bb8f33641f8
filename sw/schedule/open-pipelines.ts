import type { Ordering } from '../../src/shared/capabilities.ts';
import type { Job } from '../send/jobs.ts';
import type { Pipeline } from '../send/pipeline.ts';

/** The open pipelines of a run, and the choice of the one that sends next. */
export class OpenPipelines {
  readonly #pipelines = new Map<string, Pipeline>();

  /** How many have more to send. The others wait for staging, or all of them is in flight. */
  get sendingCount(): number {
    return this.all().filter((pipeline) => !pipeline.isWaitingForStaging && !pipeline.isWholeInFlight).length;
  }

  /** How many have no session and can open one. */
  get withoutSessionCount(): number {
    return this.all().filter(({ upload, isWaitingForStaging }) => upload.session === null && !isWaitingForStaging)
      .length;
  }

  /** Whether a request is in flight, or its response is still being stored. */
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
   * Chooses the next request in the order of the queue. One small upload at a time goes first, so
   * that it does not wait behind a giant.
   *
   * @param now in ticks.
   * @param sessionsToOpen the uploads whose chunk 0 goes before everything else.
   */
  nextJob(
    now: number,
    ordering: Ordering,
    sessionsToOpen: ReadonlySet<string>,
  ): { pipeline: Pipeline; job: Job } | null {
    const pipelines = this.all().sort((a, b) => a.upload.rank - b.upload.rank);
    const isSmallInFlight = pipelines.some(({ isSmall, flights }) => isSmall && flights.size > 0);
    const small = isSmallInFlight ? [] : pipelines.filter(({ isSmall }) => isSmall);
    // Only their chunk 0: a Background Fetch may send the rest.
    const opening = pipelines.filter(({ upload, flights }) => sessionsToOpen.has(upload.id) && flights.size === 0);
    for (const pipeline of [...opening, ...small, ...pipelines]) {
      const job = pipeline.nextJob(now, ordering);
      if (job) return { pipeline, job };
    }
    return null;
  }

  /** When the next delayed request is due, in ticks; infinite if none is delayed. */
  nextDueAt(): number {
    return Math.min(...this.all().map((pipeline) => pipeline.attempts.nextDueAt));
  }
}
