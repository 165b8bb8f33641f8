import type { Chunk, Plan } from '../../src/shared/chunks.ts';
import type { Wait } from '../../src/shared/upload.ts';
import type { KeptBytes } from '../ports/transport.ts';

/** Sends one chunk, or a whole upload as its only chunk. */
export interface SendJob {
  readonly kind: 'send';
  readonly index: number;
  /** Without the bytes that the server kept. */
  readonly sizeBytes: number;
  readonly chunk: Chunk;
  /** The first bytes of the chunk, if the server kept them; compared with those of the upload. */
  readonly kept: KeptBytes | null;
  /** The server keeps other bytes than those of the upload. */
  readonly replacesKept: boolean;
  /** Shares its request with the jobs of other uploads. */
  readonly isBundled: boolean;
}

/** Asks what the server kept of chunks whose requests were cut, while others are in flight. */
export interface ResumeJob {
  readonly kind: 'resume';
  readonly index: typeof RESUME_INDEX;
  readonly sizeBytes: 0;
  readonly cut: readonly number[];
}

/** Concerns the whole session, and runs alone. */
export interface SessionJob {
  readonly kind: 'query' | 'abort';
  readonly index: typeof SESSION_INDEX;
  readonly sizeBytes: 0;
}

/** One request to make for an upload. Those without a chunk have a negative index. */
export type Job = SessionJob | ResumeJob | SendJob;

export const SESSION_INDEX = -1;
export const RESUME_INDEX = -2;

/** A request in flight, of one job or of a bundle. */
export interface RequestInFlight {
  readonly sizeBytes: number;
  /** In ticks. */
  readonly startedAt: number;
  readonly controller: AbortController;
}

/** A job in flight. The jobs of a bundle share the controller of their request. */
export interface Flight extends Omit<RequestInFlight, 'sizeBytes'> {
  readonly job: Job;
}

/** How a request ended: `congested` by a busy server, `over` in every other way. */
export type FlightResult = 'acknowledged' | 'congested' | 'over';

/**
 * Receives a successful response.
 *
 * @param receivedMs how long the body took to arrive at the server, if the response says so.
 */
export type OnResponse = (receivedMs: number | undefined) => void;

/** Why an upload stops in this run. */
export type PipelineOutcome =
  /** The record already says why: the user changed it, or the upload is complete. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'wait'; readonly wait: Wait }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string }
  /** A new generation follows; `sessionLost`: after a lost session, not after a changed plan. */
  | { readonly kind: 'restart'; readonly plan: Plan; readonly sessionLost: boolean };
