import type { Ordering } from '../../src/shared/capabilities.ts';
import { type Chunk, type ChunkPlan, cut, type Plan } from '../../src/shared/chunks.ts';
import { PIECE_BYTES } from '../../src/shared/staging/pieces.ts';
import type { Upload } from '../../src/shared/upload.ts';
import { AcknowledgedChunks } from './acknowledged-chunks.ts';
import { Attempts } from './attempts.ts';
import {
  type Flight,
  type Job,
  type PipelineOutcome,
  RESUME_INDEX,
  type ResumeJob,
  SESSION_INDEX,
  type SendJob,
  type SessionJob,
} from './jobs.ts';
import { KeptChunks } from './kept-chunks.ts';

/** Most chunks that a progress message lists as retrying. */
const MAX_RETRYING_SHOWN = 32;

/** Most requests that a killed worker may have had in flight after the last acknowledged chunk. */
const MAX_UNKNOWN_FLIGHTS = 128;

/** A job of an upload, and the pipeline that takes its result. */
export interface PipelineJob {
  readonly pipeline: Pipeline;
  readonly job: Job;
}

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
  #chunks: readonly Chunk[];
  readonly flights = new Map<number, Flight>();
  readonly kept = new KeptChunks();
  readonly attempts = new Attempts();
  /** The server must be queried before anything else is sent. */
  needsSync: boolean;
  /** The server refused a bundle with this upload, so that it needs a request of its own. */
  sendsAlone = false;
  #acknowledged = new AcknowledgedChunks();
  /** The chunks before this one may have been sent, so they keep their sizes. */
  #sentCount: number;
  #holdsUnsent = false;
  #endsAt = Number.POSITIVE_INFINITY;
  #outcome: PipelineOutcome | null = null;

  constructor(upload: Upload, plan: Plan, acknowledged: Iterable<number>, needsSync: boolean) {
    this.upload = upload;
    this.#chunks = cut(upload.sizeBytes, plan);
    this.setAcknowledged(acknowledged);
    // An earlier worker may have sent chunks after the last acknowledged one.
    this.#sentCount = upload.session ? this.#acknowledged.last + 1 + MAX_UNKNOWN_FLIGHTS : 0;
    // If every chunk is acknowledged but the batch is unknown, only the server can name the batch.
    this.needsSync = needsSync || this.isAcknowledged;
  }

  get outcome(): PipelineOutcome | null {
    return this.#outcome;
  }

  get chunks(): readonly Chunk[] {
    return this.#chunks;
  }

  /** How many chunks at the start of the upload may have been sent. */
  get sentCount(): number {
    return Math.min(this.#sentCount, this.#chunks.length);
  }

  get firstRemaining(): number {
    return this.#acknowledged.firstRemaining;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.count;
  }

  get acknowledgedBytes(): number {
    return this.#acknowledged.bytes;
  }

  /** The bytes that the server kept of chunks that it has not acknowledged. */
  get keptBytes(): number {
    return this.kept.countBytes((index) => !this.hasAcknowledged(index));
  }

  get isAcknowledged(): boolean {
    return this.#acknowledged.count === this.chunks.length;
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
    const indices = new Set([...this.attempts.delayed, ...this.kept.cut]);
    return [...indices].filter((index) => index >= 0).slice(0, MAX_RETRYING_SHOWN);
  }

  /** All staged bytes are sent, and staging is not finished. */
  get isWaitingForStaging(): boolean {
    const next = this.chunks[this.#acknowledged.firstRemaining];
    return this.flights.size === 0 && next !== undefined && next.end > this.upload.stagedBytes;
  }

  /** Its only request is in flight. */
  get isWholeInFlight(): boolean {
    return this.isDirect && this.flights.size > 0;
  }

  setAcknowledged(indices: Iterable<number>): void {
    this.#acknowledged = new AcknowledgedChunks();
    for (const index of indices) this.addAcknowledged(index);
  }

  addAcknowledged(index: number): void {
    this.#acknowledged.add(this.chunks[index]);
  }

  addFlight(flight: Flight): void {
    const { index } = flight.job;
    this.flights.set(index, flight);
    this.#sentCount = Math.max(this.#sentCount, index + 1);
    this.kept.removeCut(index);
  }

  get isResizing(): boolean {
    return this.#holdsUnsent;
  }

  /**
   * Sends only chunks that may have been sent before, until `releaseUnsent`.
   *
   * @returns how many those are.
   */
  holdUnsent(): number {
    this.#holdsUnsent = true;
    return this.sentCount;
  }

  releaseUnsent(): void {
    this.#holdsUnsent = false;
  }

  /** Takes a plan that changes only chunks after the first `sentCount`. */
  resize(plan: ChunkPlan): void {
    this.#chunks = cut(this.upload.sizeBytes, plan);
  }

  hasAcknowledged(index: number): boolean {
    return this.#acknowledged.has(index);
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
    if (this.upload.status === 'cancelled') return this.#runAlone(now, 'abort');
    if (this.needsSync) return this.#runAlone(now, 'query');
    return this.#nextResumeJob(now) ?? this.#nextSendJob(now, ordering);
  }

  /**
   * Starts no more requests; the first outcome counts. Aborts the requests in flight, unless the
   * upload only waits: their acknowledgements then still count.
   */
  stop(outcome: PipelineOutcome): void {
    this.#outcome ??= outcome;
    if (outcome.kind !== 'wait') this.#abortFlights();
  }

  /**
   * Stops too, but lets some requests end.
   *
   * @param endsAt when `abortOverdue` aborts them, in ticks.
   */
  stopBy(endsAt: number, mayEnd: (flight: Flight) => boolean): void {
    this.#outcome ??= { kind: 'drop' };
    this.#endsAt = endsAt;
    for (const flight of this.flights.values()) if (!mayEnd(flight)) flight.controller.abort();
  }

  /** Aborts the requests that `stopBy` let end, once their time is over. */
  abortOverdue(now: number): void {
    if (now >= this.#endsAt) this.#abortFlights();
  }

  #abortFlights(): void {
    for (const { controller } of this.flights.values()) controller.abort();
  }

  /** Without a session there is nothing to ask: the next attempt sends the whole chunk. */
  #nextResumeJob(now: number): ResumeJob | null {
    if (this.kept.cut.length === 0 || !this.upload.session || this.flights.has(RESUME_INDEX)) return null;
    if (!this.attempts.isDue(RESUME_INDEX, now)) return null;
    return { kind: 'resume', index: RESUME_INDEX, sizeBytes: 0, cut: [...this.kept.cut] };
  }

  #nextSendJob(now: number, ordering: Ordering): SendJob | null {
    const final = this.chunks.length - 1;
    const last = this.#holdsUnsent ? this.sentCount - 1 : final;
    const end = this.upload.session || ordering === 'any' ? last : 0;
    for (let index = this.#acknowledged.firstRemaining; index <= end; index++) {
      const chunk = this.chunks[index];
      if (!chunk || this.#acknowledged.has(index) || this.flights.has(index) || !this.attempts.isDue(index, now))
        continue;
      if (this.kept.isCut(index) && this.upload.session) continue;
      // Chunks are staged in order, so no later chunk is staged either.
      if (chunk.end > this.upload.stagedBytes) return null;
      const waitsForOthers = index === final && ordering === 'first-then-any-final-last';
      if (waitsForOthers && this.#acknowledged.count < final) return null;
      const kept = this.kept.get(index);
      const replacesKept = this.kept.isDifferent(index);
      const sizeBytes = chunk.end - (kept?.end ?? chunk.start);
      return { kind: 'send', index, sizeBytes, chunk, kept, replacesKept, isBundled: false };
    }
    return null;
  }

  #runAlone(now: number, kind: SessionJob['kind']): SessionJob | null {
    const canRun = this.flights.size === 0 && this.attempts.isDue(SESSION_INDEX, now);
    return canRun ? { kind, index: SESSION_INDEX, sizeBytes: 0 } : null;
  }
}
