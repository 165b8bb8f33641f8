import { SESSION_INDEX } from './jobs.ts';

/** The failed attempts of one upload in one run, and the delays before the next ones. */
export class Attempts {
  readonly #counts = new Map<number, number>();
  /** In ticks. */
  readonly #notBefore = new Map<number, number>();

  /** The indices of the jobs that wait for another attempt. */
  get delayed(): readonly number[] {
    return [...this.#notBefore.keys()];
  }

  /** When the next delayed request is due, in ticks; infinite if none is delayed. */
  get nextDueAt(): number {
    // A query or abort runs before everything else.
    return this.#notBefore.get(SESSION_INDEX) ?? Math.min(...this.#notBefore.values());
  }

  /** Counts an attempt of a job, and returns its number from 1. */
  count(index: number): number {
    const attempt = (this.#counts.get(index) ?? 0) + 1;
    this.#counts.set(index, attempt);
    return attempt;
  }

  /** Attempts that failed with the link do not count, nor those that brought bytes of a chunk. */
  forgive(index?: number): void {
    if (index === undefined) this.#counts.clear();
    else this.#counts.delete(index);
  }

  /** @param until in ticks. */
  delay(index: number, until: number): void {
    this.#notBefore.set(index, until);
  }

  /** Whether a job has no delay left; such a delay is forgotten. */
  isDue(index: number, now: number): boolean {
    if ((this.#notBefore.get(index) ?? now) > now) return false;
    this.#notBefore.delete(index);
    return true;
  }
}
