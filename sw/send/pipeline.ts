import { type Chunk, cut, type Plan } from '../../src/shared/chunks.ts';
import { PIECE_BYTES } from '../../src/shared/staging/pieces.ts';
import type { Upload, Wait } from '../../src/shared/upload.ts';
import type { Ordering } from '../ports/plan-limits.ts';

/** Of the chunks that wait for another try, so many are told by their index. */
const MAX_RETRYING_SHOWN = 32;

/** Why nothing more of an upload is sent in this run. */
export type PipelineOutcome =
  /** Its record was changed by somebody else, or it is complete: there is nothing to say. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'wait'; readonly wait: Wait }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string }
  /** The next generation; `again` when the session was lost, not the plan wrong. */
  | { readonly kind: 'restart'; readonly plan: Plan; readonly sessionLost: boolean };

/** A chunk to send, or the only one there is. */
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

/** A job under way. */
export interface Flight {
  readonly job: Job;
  /** In ticks. */
  readonly startedAt: number;
  readonly controller: AbortController;
}

/** How a request ended: `troubled` by the link or a busy server, `over` for everything else. */
export type FlightResult = 'acknowledged' | 'troubled' | 'over';

/** Whether an upload goes ahead of giants: one staged piece holds all of it. */
export function isSmall(upload: Upload): boolean {
  return upload.sizeBytes <= PIECE_BYTES;
}

/** What is sent, in flight and due of one upload, in one run; the facts behind it stand in the database. */
export class Pipeline {
  upload: Upload;
  readonly chunks: readonly Chunk[];
  readonly flights = new Map<number, Flight>();
  /** Whether what the server has must be asked before anything is sent. */
  needsSync: boolean;
  #acknowledged: Set<number>;
  #acknowledgedBytes = 0;
  #firstRemaining = 0;
  readonly #attempts = new Map<number, number>();
  readonly #notBefore = new Map<number, number>();
  #outcome: PipelineOutcome | null = null;

  constructor(upload: Upload, plan: Plan, done: Iterable<number>, mustAsk: boolean) {
    this.upload = upload;
    this.chunks = cut(upload.sizeBytes, plan);
    this.needsSync = mustAsk;
    this.#acknowledged = new Set();
    this.setAcknowledged(done);
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

  /** The chunks on their way. */
  get inFlight(): number[] {
    return [...this.flights.keys()].filter((index) => index >= 0);
  }

  /** The chunks that failed and wait for another try: the first few, because a notice must stay small. */
  get retrying(): number[] {
    return [...this.#notBefore.keys()].filter((index) => index >= 0).slice(0, MAX_RETRYING_SHOWN);
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

  /** One staged piece holds all of it. */
  get isSmall(): boolean {
    return isSmall(this.upload);
  }

  /** The next request to make now, in ticks. */
  nextJob(now: number, order: Ordering): Job | null {
    if (this.#outcome) return null;
    if (this.upload.status === 'cancelled') return this.#runAlone(now, { kind: 'abort', index: -1, sizeBytes: 0 });
    if (this.needsSync) return this.#runAlone(now, { kind: 'query', index: -1, sizeBytes: 0 });
    const last = this.chunks.length - 1;
    const end = this.upload.session || order.startsAnywhere ? last : 0;
    for (let index = this.#firstRemaining; index <= end; index++) {
      const chunk = this.chunks[index];
      if (!chunk || this.#acknowledged.has(index) || this.flights.has(index) || !this.#isDue(index, now)) continue;
      // Chunks are staged in order: what is not there yet is not there behind it either.
      if (chunk.end > this.upload.stagedBytes) return null;
      if (index === last && !order.any && this.#acknowledged.size < last) return null;
      return { kind: 'send', index, sizeBytes: chunk.end - chunk.start, chunk };
    }
    return null;
  }

  /** When the next delayed request is due, in ticks; never when none is delayed. */
  nextDueAt(): number {
    // What goes alone goes before the rest.
    return this.#notBefore.get(-1) ?? Math.min(...this.#notBefore.values());
  }

  /** Whether all that is copied of it is sent, and not all is copied. */
  get isWaitingForStaging(): boolean {
    const next = this.chunks[this.#firstRemaining];
    return this.flights.size === 0 && next !== undefined && next.end > this.upload.stagedBytes;
  }

  /** Counts a try of a chunk; the number of this try, from 1. */
  countAttempt(index: number): number {
    const attempt = (this.#attempts.get(index) ?? 0) + 1;
    this.#attempts.set(index, attempt);
    return attempt;
  }

  /** @param until in ticks. */
  delayUntil(index: number, until: number): void {
    this.#notBefore.set(index, until);
  }

  /** Stops sending; the first reason stays. What cannot be of use any more is aborted, the rest may still be acknowledged. */
  stop(ending: PipelineOutcome): void {
    this.#outcome ??= ending;
    if (ending.kind === 'wait') return;
    for (const { controller } of this.flights.values()) controller.abort();
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
