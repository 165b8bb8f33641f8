/** What went wrong, as a name that survives minification and translation. */
export type ErrorCode =
  // what a program has set cannot be used
  | 'invalid_option'
  // what a person asked for cannot be queued
  | 'no_file'
  | 'task_id_required'
  | 'batch_too_large'
  | 'no_token'
  | 'unreadable_file'
  | 'different_file'
  | 'storage_full'
  | 'worker_unavailable'
  | 'background_fetch_refused'
  | 'newer_version'
  | 'database_closed'
  // what became of an upload
  | 'cancelled'
  | 'no_batch_id'
  | 'unknown_upload'
  // how one request ended
  | 'network'
  | 'stalled'
  | 'server_busy'
  | 'gateway_error'
  | 'internal_error'
  | 'bad_response'
  | 'unauthorized'
  | 'not_found'
  | 'form_rejected'
  | 'conflict'
  | 'too_large'
  | 'checksum'
  | 'refused';

/** What is known beside the code: the server's HTTP status, and how long it asked to be left alone. */
export interface ErrorDetails {
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** The `error` field of the server's answer. */
  readonly serverCode?: string;
  readonly cause?: unknown;
}

/** The one error of this library: told apart by `code`, its message is for the user. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly code: ErrorCode;
  readonly facts: ErrorDetails;

  constructor(code: ErrorCode, message: string, facts: ErrorDetails = {}) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }
}

/** True when an operation ended because its AbortSignal said so: a DOMException by name, in every engine. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The words of anything that was thrown. */
export function getErrorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
