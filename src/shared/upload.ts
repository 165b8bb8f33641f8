import type { Plan } from './chunks.ts';
import type { Metadata } from './metadata.ts';

/** The facts of a chosen file, at the time of the choice. */
export interface FileInfo {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** In ms since 1970. */
  readonly modifiedAt: number;
  /** Relative, with `/`, the file's name included; missing for a file that was chosen alone. */
  readonly path?: string;
}

/** The server's session of an upload. Only its transport knows what id and data mean. */
export interface RemoteSession {
  readonly id: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** The reason why an upload waits. */
export type Wait =
  | { readonly reason: 'network' }
  /**
   * `code` says why: the server's own code, else an `ErrorCode` such as `network` or
   * `network_sign_in`. Missing in records of earlier versions.
   */
  | { readonly reason: 'backoff'; readonly nextAttemptAt: number; readonly code?: string; readonly message: string }
  | { readonly reason: 'sign-in' }
  | { readonly reason: 'file' }
  /** The response of the final request was lost, and the server cannot be queried. */
  | { readonly reason: 'unconfirmed'; readonly message: string }
  /** The browser sends the remaining chunks in this Background Fetch. */
  | { readonly reason: 'background-fetch'; readonly fetchId: string };

/** The whole JSON object of the response that named the batch. */
export interface BatchResponse {
  readonly batch_id: string;
  readonly [field: string]: unknown;
}

/** The status of an upload, with the facts that only this status has. */
export type UploadState =
  | { readonly status: 'staging' }
  | { readonly status: 'queued' }
  | { readonly status: 'uploading' }
  | { readonly status: 'waiting'; readonly wait: Wait }
  | { readonly status: 'paused' }
  | { readonly status: 'completed'; readonly batch: BatchResponse; readonly completedAt: number }
  | { readonly status: 'failed'; readonly code: string; readonly message: string; readonly failedAt: number }
  /** If its session could not be aborted, the next attempt is at `nextAttemptAt`. */
  | { readonly status: 'cancelled'; readonly cancelledAt: number; readonly nextAttemptAt?: number };

export type Status = UploadState['status'];

/** The facts that an upload has in every status. */
export interface UploadBase {
  /** The client's id, which is also the `idempotency_key` of requests. */
  readonly id: string;
  readonly ownerId: string;
  readonly metadata: Metadata;
  /** The first files. `UploadsDb.listFiles` reads all of them. */
  readonly files: readonly FileInfo[];
  readonly fileCount: number;
  /** The size of all files together. */
  readonly sizeBytes: number;
  /** Each file starts with a new piece: versions 1 to 4 of the database staged many files so. */
  readonly hasPiecesPerFile?: boolean;
  /** How many bytes are staged. At `sizeBytes` the tab may be closed. */
  readonly stagedBytes: number;
  readonly queuedAt: number;
  /** The place in the owner's queue: lower ranks are sent first. The database assigns it. */
  readonly rank: number;
  /** The number of the plan, from 0. Each new plan of the upload counts it up. */
  readonly generation: number;
  /** Null until the worker opens the upload for the first time. */
  readonly plan: Plan | null;
  readonly session: RemoteSession | null;
  /** Consecutive rounds that ended without an acknowledgement. */
  readonly failures: number;
  /**
   * Whether the upload was restarted since its last acknowledgement. A second lost session in a row
   * fails it.
   */
  readonly restarted: boolean;
  /**
   * Whether a request that could make the batch has left without a stored response, where a second
   * one could make another batch.
   */
  readonly mayHaveCompleted: boolean;
}

/** The record of an upload. */
export type Upload = UploadBase & UploadState;

/**
 * The transition table. Finished uploads stay as they are, with two exceptions: a failed upload may
 * be retried, and a response with a batch id beats a concurrent cancel.
 */
const NEXT_STATUSES: Readonly<Record<Status, readonly Status[]>> = {
  staging: ['staging', 'queued', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
  queued: ['queued', 'staging', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
  uploading: ['uploading', 'staging', 'queued', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
  waiting: ['waiting', 'staging', 'queued', 'uploading', 'paused', 'completed', 'failed', 'cancelled'],
  // `failed` too, because the staging of a paused upload continues.
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

/**
 * Whether this version knows the state of a record. Records in states of a newer version must not
 * be changed.
 */
export function isKnown(upload: Upload): boolean {
  if (upload.status === 'waiting') return WAIT_REASONS.has(upload.wait.reason);
  return Object.hasOwn(NEXT_STATUSES, upload.status);
}

/** Whether the transition table allows this change of status. */
export function canTransition(from: Status, to: Status): boolean {
  return NEXT_STATUSES[from].includes(to);
}

/** A change of one upload: returns the new record, or null to leave the record as it is. */
export type Transition = (upload: Upload) => Upload | null;

/** The new record, or null if the transition or the table leaves the record as it is. */
export function applyTransition(before: Upload, transition: Transition): Upload | null {
  if (!isKnown(before)) return null;
  const after = transition(before);
  return after && canTransition(before.status, after.status) ? after : null;
}

/** The upload in another state, without the facts of its previous state. */
export function withState(upload: Upload, state: UploadState, changes: Partial<UploadBase> = {}): Upload {
  return { ...toUploadBase(upload), ...changes, ...state };
}

/** The state of an upload that nothing holds back. */
export function getReadyState(upload: UploadBase): UploadState {
  if (!isStaged(upload)) return { status: 'staging' };
  return { status: upload.session ? 'uploading' : 'queued' };
}

export function isStaged(upload: UploadBase): boolean {
  return upload.stagedBytes >= upload.sizeBytes;
}

// The predicates below, by status:
//
// | status                       | isFinished | isSendable | isActive | needsWorker      |
// | ---------------------------- | ---------- | ---------- | -------- | ---------------- |
// | staging, queued, uploading   |            | yes        | yes      | yes              |
// | waiting for network, backoff |            |            | yes      | yes              |
// | waiting otherwise, paused    |            |            |          |                  |
// | completed, failed            | yes        |            |          |                  |
// | cancelled                    | yes        |            |          | until cleaned up |

/** Whether only the user can change the upload now. */
export function isFinished(upload: Upload): boolean {
  return upload.status === 'completed' || upload.status === 'failed' || upload.status === 'cancelled';
}

/** Whether chunks may be sent now, as far as they are staged. */
export function isSendable({ status }: Pick<Upload, 'status'>): boolean {
  return status === 'staging' || status === 'queued' || status === 'uploading';
}

/** Whether the worker sends the upload now, or later without the user. */
export function isActive(upload: Upload): boolean {
  if (upload.status === 'waiting') return upload.wait.reason === 'network' || upload.wait.reason === 'backoff';
  return isSendable(upload);
}

/** Whether the worker has something to do for the upload, now or later. */
export function needsWorker(upload: Upload): boolean {
  if (upload.status === 'cancelled') return upload.session !== null || upload.stagedBytes > 0;
  return isActive(upload);
}

/** The statuses of uploads that are not finished. */
export const UNFINISHED_STATUSES: readonly Status[] = ['staging', 'queued', 'uploading', 'waiting', 'paused'];

/** The statuses in which an upload may need the worker. */
export const WORKER_STATUSES: readonly Status[] = ['staging', 'queued', 'uploading', 'waiting', 'cancelled'];

function toUploadBase(upload: Upload): UploadBase {
  const { id, ownerId, metadata, files, fileCount, sizeBytes, hasPiecesPerFile, stagedBytes, queuedAt, rank } = upload;
  const { generation, plan, session, failures, restarted, mayHaveCompleted } = upload;
  const content = { metadata, files, fileCount, sizeBytes, ...(hasPiecesPerFile && { hasPiecesPerFile }) };
  const sending = { generation, plan, session, failures, restarted, mayHaveCompleted };
  return { id, ownerId, ...content, stagedBytes, queuedAt, rank, ...sending };
}
