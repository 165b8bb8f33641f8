import type { Ordering } from '../../src/shared/capabilities.ts';
import { type Chunk, cut, type Plan } from '../../src/shared/chunks.ts';
import { PIECE_BYTES } from '../../src/shared/staging/pieces.ts';
import type { Upload, Wait } from '../../src/shared/upload.ts';

/** Most chunks that a progress message lists as retrying. */
const MAX_RETRYING_SHOWN = 32;

/** Why an upload stops in this run. */
export type PipelineOutcome =
  /** The record already says why: the user changed it, or the upload is complete. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'wait'; readonly wait: Wait }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string }
  /** A new generation follows; `sessionLost`: after a lost session, not after a changed plan. */
  | { readonly kind: 'restart'; readonly plan: Plan; readonly sessionLost: boolean };

/** Sends one chunk, or a whole upload as its only chunk. */
export interface SendJob {
  readonly kind: 'send';
  readonly index: number;
  readonly sizeBytes: number;
  readonly chunk: Chunk;
}

/** One request to make for an upload. */
export type Job =
  | { readonly kind: 'query'; readonly index: -1; readonly sizeBytes: 0 }
  | { readonly kind: 'abort'; readonly index: -1; readonly sizeBytes: 0 }
  | SendJob;

/** A job in flight. */
export interface Flight {
  readonly job: Job;
  /** In ticks. */
  readonly startedAt: number;
  readonly controller: AbortController;
}

/**
 * How a request ended: `congested` by the connection or a busy server, `over` in every other way.
 */
export type FlightResult = 'acknowledged' | 'congested' | 'over';

/** Whether an upload fits one staged piece. Small uploads overtake large ones. */
export function isSmall(upload: Upload): boolean {
  return upload.sizeBytes <= PIECE_BYTES;
}

/**
 * The state of one upload in one run: its chunks, requests in flight and delays. The record is in
 * the database.
 */
export class Pipeline {
  upload: Upload;
  readonly chunks: readonly Chunk[];
  readonly flights = new Map<number, Flight>();
  /** The server must be queried before anything else is sent. */
  needsSync: boolean;
  #acknowledged = new Set<number>();
  #acknowledgedBytes = 0;
  #firstRemaining = 0;
  readonly #attempts = new Map<number, number>();
  readonly #notBefore = new Map<number, number>();
  #outcome: PipelineOutcome | null = null;

  constructor(upload: Upload, plan: Plan, acknowledged: Iterable<number>, needsSync: boolean) {
    this.upload = upload;
    this.chunks = cut(upload.sizeBytes, plan);
    this.setAcknowledged(acknowledged);
    // If every chunk is acknowledged but the batch is unknown, only the server can name the batch.
    this.needsSync = needsSync || this.isAcknowledged;
  }

  get outcome(): PipelineOutcome | null {
    return this.#outcome;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes;
  }

  get isAcknowledged(): boolean {
    return this.#acknowledged.size === this.chunks.length;
  }

  get isDirect(): boolean {
    return this.upload.plan?.way === 'direct';
  }

  get isSmall(): boolean {
    return isSmall(this.upload);
  }

  /** Indices of the chunks in flight. */
  get inFlight(): number[] {
    return [...this.flights.keys()].filter((index) => index >= 0);
  }

  /** Indices of the first chunks that failed and wait for another attempt. */
  get retrying(): number[] {
    return [...this.#notBefore.keys()].filter((index) => index >= 0).slice(0, MAX_RETRYING_SHOWN);
  }

  /** All staged bytes are sent, and staging is not finished. */
  get isWaitingForStaging(): boolean {
    const next = this.chunks[this.#firstRemaining];
    return this.flights.size === 0 && next !== undefined && next.end > this.upload.stagedBytes;
  }

  hasAcknowledged(index: number): boolean {
    return this.#acknowledged.has(index);
  }

  setAcknowledged(indices: Iterable<number>): void {
    this.#acknowledged = new Set();
    this.#acknowledgedBytes = 0;
    this.#firstRemaining = 0;
    for (const index of indices) this.addAcknowledged(index);
  }

  addAcknowledged(index: number): void {
    const chunk = this.chunks[index];
    if (!chunk || this.#acknowledged.has(index)) return;
    this.#acknowledged.add(index);
    this.#acknowledgedBytes += chunk.end - chunk.start;
    while (this.#acknowledged.has(this.#firstRemaining)) this.#firstRemaining++;
  }

  /** Whether the request of a job could create the batch. */
  couldComplete(job: Job): boolean {
    return job.kind === 'send' && (this.isDirect || job.index === this.chunks.length - 1);
  }

  /**
   * Finds the next request to make.
   *
   * @param now in ticks.
   */
  nextJob(now: number, ordering: Ordering): Job | null {
    if (this.#outcome) return null;
    if (this.upload.status === 'cancelled') return this.#runAlone(now, { kind: 'abort', index: -1, sizeBytes: 0 });
    if (this.needsSync) return this.#runAlone(now, { kind: 'query', index: -1, sizeBytes: 0 });
    return this.#nextSendJob(now, ordering);
  }

  /** When the next delayed request is due, in ticks; Infinity if none is delayed. */
  nextDueAt(): number {
    // A query or abort runs before everything else.
    return this.#notBefore.get(-1) ?? Math.min(...this.#notBefore.values());
  }

  /** Counts an attempt of a chunk, and returns its number from 1. */
  countAttempt(index: number): number {
    const attempt = (this.#attempts.get(index) ?? 0) + 1;
    this.#attempts.set(index, attempt);
    return attempt;
  }

  /** @param until in ticks. */
  delayUntil(index: number, until: number): void {
    this.#notBefore.set(index, until);
  }

  /**
   * Starts no more requests; the first outcome counts. Aborts the requests in flight, unless the
   * upload only waits: their acknowledgements then still count.
   */
  stop(outcome: PipelineOutcome): void {
    this.#outcome ??= outcome;
    if (outcome.kind === 'wait') return;
    for (const { controller } of this.flights.values()) controller.abort();
  }

  #nextSendJob(now: number, ordering: Ordering): SendJob | null {
    const final = this.chunks.length - 1;
    const end = this.upload.session || ordering === 'any' ? final : 0;
    for (let index = this.#firstRemaining; index <= end; index++) {
      const chunk = this.chunks[index];
      if (!chunk || this.#acknowledged.has(index) || this.flights.has(index) || !this.#isDue(index, now)) continue;
      // Chunks are staged in order, so no later chunk is staged either.
      if (chunk.end > this.upload.stagedBytes) return null;
      const waitsForOthers = index === final && ordering === 'first-then-any-final-last';
      if (waitsForOthers && this.#acknowledged.size < final) return null;
      return { kind: 'send', index, sizeBytes: chunk.end - chunk.start, chunk };
    }
    return null;
  }

  #runAlone(now: number, job: Job): Job | null {
    return this.flights.size === 0 && this.#isDue(job.index, now) ? job : null;
  }

  #isDue(index: number, now: number): boolean {
    if ((this.#notBefore.get(index) ?? now) > now) return false;
    this.#notBefore.delete(index);
    return true;
  }
}
