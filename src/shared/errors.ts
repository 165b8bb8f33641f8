/** The name of a failure, which survives minification and translation. */
export type ErrorCode =
  // the caller's arguments
  | 'invalid_option'
  | 'no_file'
  | 'task_id_required'
  | 'batch_too_large'
  | 'too_many_files'
  | 'upload_too_large'
  | 'no_token'
  // the browser
  | 'unreadable_file'
  | 'different_file'
  | 'storage_full'
  | 'worker_unavailable'
  | 'untrusted_certificate'
  | 'background_fetch_refused'
  | 'newer_version'
  | 'database_closed'
  // the outcome of an upload
  | 'cancelled'
  | 'no_batch_id'
  | 'unknown_upload'
  // the outcome of a request
  | 'network'
  | 'stalled'
  | 'server_busy'
  | 'server_full'
  /** A proxy answered instead of the API, or could not reach it. */
  | 'gateway_error'
  /** The network, or a proxy in front of the API, redirects to a sign-in of its own. */
  | 'network_sign_in'
  | 'internal_error'
  | 'bad_response'
  | 'unauthorized'
  | 'not_found'
  | 'form_rejected'
  | 'conflict'
  | 'partial_changed'
  | 'too_large'
  | 'checksum'
  | 'refused';

/** The facts of an error beside its code and message. */
export interface ErrorDetails {
  /** The HTTP status. */
  readonly status?: number;
  /** How long the server asks clients to wait, from `Retry-After`. */
  readonly retryAfterMs?: number;
  /** The `error` field of the response. */
  readonly serverCode?: string;
  readonly cause?: unknown;
}

/** The one error class of this library. Programs read `code`, people read `message`. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly code: ErrorCode;
  /** The HTTP status of the response; undefined if there was none. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The server's own code. */
  readonly serverCode: string | undefined;

  constructor(code: ErrorCode, message: string, { status, retryAfterMs, serverCode, cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.serverCode = serverCode;
  }
}

/**
 * Whether an operation ended because of its AbortSignal: a DOMException with this name in every
 * engine.
 */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The message of any thrown value. */
export function getErrorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
