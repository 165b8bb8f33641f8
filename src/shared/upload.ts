import type { Plan } from './chunks.ts';
import type { Metadata } from './metadata.ts';

/** A picked file as it was when it was picked; `modifiedAt` in ms since 1970. */
export interface FileInfo {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

/** What the server opened for chunk 0. */
export interface Session {
  readonly id: string;
  /** Proves this session after the token expired; only exact-level servers give one. */
  readonly ticket?: string;
}

/** Why an upload waits, and for whom. */
export type Wait =
  | { readonly reason: 'network' }
  | { readonly reason: 'backoff'; readonly nextAttemptAt: number; readonly message: string }
  | { readonly reason: 'sign-in' }
  | { readonly reason: 'file' }
  | { readonly reason: 'unconfirmed'; readonly message: string }
  /** Handed over to the browser: the Background Fetch of this id sends what is left of it. */
  | { readonly reason: 'background-fetch'; readonly fetchId: string };

/** The JSON object with which the server told the batch id, whole. */
export interface BatchResponse {
  readonly batch_id: string;
  readonly [field: string]: unknown;
}

/** Where an upload stands; every fact that only one status has stands beside it. */
export type UploadState =
  | { readonly status: 'staging' }
  | { readonly status: 'queued' }
  | { readonly status: 'uploading' }
  | { readonly status: 'waiting'; readonly wait: Wait }
  | { readonly status: 'paused' }
  | { readonly status: 'completed'; readonly batch: BatchResponse; readonly completedAt: number }
  | { readonly status: 'failed'; readonly code: string; readonly message: string; readonly failedAt: number }
  /** The server is told of it at `nextAttemptAt` again, where it could not be told before. */
  | { readonly status: 'cancelled'; readonly cancelledAt: number; readonly nextAttemptAt?: number };

export type Status = UploadState['status'];

/** What an upload has in every status. */
export interface UploadBase {
  /** Also the `idempotency_key` of the wire. */
  readonly id: string;
  readonly ownerId: string;
  readonly metadata: Metadata;
  readonly files: readonly FileInfo[];
  /** Of all files together. */
  readonly sizeBytes: number;
  /** How much of it is copied into the database; `sizeBytes` when closing the tab stops nothing any more. */
  readonly stagedBytes: number;
  readonly queuedAt: number;
  /** Where it stands among its owner's uploads: lower goes first. Given by the database, and changed when the user moves it. */
  readonly rank: number;
  /** Counts the plans of this upload, from 0. */
  readonly generation: number;
  /** Null until the driver first looked at it. */
  readonly plan: Plan | null;
  readonly session: Session | null;
  /** Consecutive rounds that ended without any acknowledgement. */
  readonly failures: number;
  /** A session that acknowledged nothing is restarted once; this says it was. */
  readonly restarted: boolean;
  /** A request that could make the batch left and no answer to it was booked; noted where sending again could make a second. */
  readonly mayHaveCompleted: boolean;
}

/** The record a user queued, with its owner. */
export type Upload = UploadBase & UploadState;

/**
 * The transition table. A finished upload changes no more, but for two: `failed` may be tried again, and an answer with a
 * batch id beats a cancel that it crossed on the way.
 */
const NEXT_STATUSES: Readonly<Record<Status, readonly Status[]>> = {
  staging: ['staging', 'queued', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
  queued: ['queued', 'staging', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
  uploading: ['uploading', 'staging', 'queued', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
  waiting: ['waiting', 'staging', 'queued', 'uploading', 'paused', 'completed', 'failed', 'cancelled'],
  // Also to `failed`: copying goes on while it is paused.
  paused: ['paused', 'staging', 'queued', 'uploading', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['staging', 'queued', 'uploading', 'waiting', 'cancelled'],
  cancelled: ['cancelled', 'completed'],
};

const WAIT_REASONS: ReadonlySet<string> = new Set<Wait['reason']>([
  'network',
  'backoff',
  'sign-in',
  'file',
  'unconfirmed',
  'background-fetch',
]);

/** Whether this version understands the record. One that a newer version left in a state of its own is not to be touched. */
export function isKnown(upload: Upload): boolean {
  return upload.status === 'waiting'
    ? WAIT_REASONS.has(upload.wait.reason)
    : Object.hasOwn(NEXT_STATUSES, upload.status);
}

/** Whether the table lets an upload go from one status to another (or stay and change its facts). */
export function canTransition(from: Status, to: Status): boolean {
  return NEXT_STATUSES[from].includes(to);
}

/** The upload in another status, with nothing left over of the one before. */
export function withState(upload: Upload, state: UploadState, facts: Partial<UploadBase> = {}): Upload {
  return { ...toUploadBase(upload), ...facts, ...state };
}

/** The status of an upload that is free to go: by how much of it is staged and whether the server knows it. */
export function getReadyState(upload: UploadBase): UploadState {
  if (!isStaged(upload)) return { status: 'staging' };
  return { status: upload.session ? 'uploading' : 'queued' };
}

export function isStaged(upload: UploadBase): boolean {
  return upload.stagedBytes >= upload.sizeBytes;
}

/** Whether nothing more will happen to it by itself. */
export function isFinished(upload: Upload): boolean {
  return upload.status === 'completed' || upload.status === 'failed' || upload.status === 'cancelled';
}

/** Whether nobody stopped it and it waits for nothing: it is sent as its bytes are copied and there is room. */
export function isSendable({ status }: Pick<Upload, 'status'>): boolean {
  return status === 'staging' || status === 'queued' || status === 'uploading';
}

/** The statuses in which something is still to become of an upload. */
export const UNFINISHED_STATUSES: readonly Status[] = ['staging', 'queued', 'uploading', 'waiting', 'paused'];

/** The statuses in which an upload may be drivable. */
export const WORKER_STATUSES: readonly Status[] = ['staging', 'queued', 'uploading', 'waiting', 'cancelled'];

/** Whether the worker sends it, or will without the user's doing. */
export function isActive(upload: Upload): boolean {
  if (upload.status === 'waiting') return upload.wait.reason === 'network' || upload.wait.reason === 'backoff';
  return isSendable(upload);
}

/** Whether the driver has something to do for it, now or at a time it knows. */
export function needsWorker(upload: Upload): boolean {
  // Of a cancelled one the server is still to be told, and the staged bytes to be freed.
  if (upload.status === 'cancelled') return upload.session !== null || upload.stagedBytes > 0;
  return isActive(upload);
}

function toUploadBase(upload: Upload): UploadBase {
  const { id, ownerId, metadata, files, sizeBytes, stagedBytes, queuedAt, rank } = upload;
  const { generation, plan, session, failures, restarted, mayHaveCompleted: completing } = upload;
  const what = { id, ownerId, metadata, files, sizeBytes, stagedBytes, queuedAt, rank };
  return { ...what, generation, plan, session, failures, restarted, mayHaveCompleted: completing };
}
