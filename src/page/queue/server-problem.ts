import type { Progress } from '../../shared/messages.ts';
import { isActive, isSendable, type Upload } from '../../shared/upload.ts';

/** The error after which an upload is sent again. */
export interface Cause {
  /** An `ErrorCode`, or the server's own code; empty if the page has not seen it. */
  readonly code: string;
  readonly message: string;
}

/**
 * Why nothing of an upload reaches the server, while the worker tries again. The code is also
 * `offline`, or `never_reached` for `LinkConditions.unknownHost` with the host as its message.
 */
export interface ServerProblem extends Cause {
  /** When the next request follows, in ms since 1970; null within seconds. */
  readonly nextAttemptAt: number | null;
}

/** The state of the connection that all uploads share. */
export interface LinkConditions {
  readonly online: boolean;
  /** The code of the error that holds all uploads back; null if the worker reports none. */
  readonly linkProblem: string | null;
  /** The host of the uploads, if it is another one than that of the page and has never answered. */
  readonly unknownHost: string | null;
}

/** An upload, and what the page knows of its requests. */
export type Attempted = Upload & { readonly progress: Progress; readonly lastCause: Cause | null };

/** The failures that the requests of every upload would have. */
const OF_SERVER: ReadonlySet<string> = new Set([
  'network',
  'never_reached',
  'stalled',
  'network_sign_in',
  'gateway_error',
  'bad_response',
  'server_busy',
  'server_full',
  'disk_full',
  'storage_unavailable',
  'stopping',
  'too_many_requests',
  'internal',
]);

/** The problem of the link, else that of the upload; null unless the worker tries again. */
export function findProblem(upload: Attempted, conditions: LinkConditions): ServerProblem | null {
  const problem = readProblem(upload, conditions);
  // A page cannot see whether a server of another origin is down or does not allow the page.
  const { unknownHost } = conditions;
  const mayBeRefused = problem?.code === 'network' && unknownHost !== null;
  return mayBeRefused ? { ...problem, code: 'never_reached', message: unknownHost } : problem;
}

/** Whether a problem holds back all uploads. */
export function isOfServer({ code }: ServerProblem): boolean {
  return OF_SERVER.has(code);
}

/** The error after which an upload waits or is sent again; its record keeps only the first one. */
export function findLastCause(upload: Upload, before: Attempted | undefined): Cause | null {
  if (upload.status === 'waiting' && upload.wait.reason === 'backoff') {
    const { code = '', message } = upload.wait;
    return { code, message };
  }
  return isSendable(upload) && upload.failures > 0 ? (before?.lastCause ?? UNKNOWN_CAUSE) : null;
}

const UNKNOWN_CAUSE: Cause = { code: '', message: '' };
const OFFLINE: ServerProblem = { code: 'offline', message: '', nextAttemptAt: null };

function readProblem(upload: Attempted, { online, linkProblem }: LinkConditions): ServerProblem | null {
  if (!isActive(upload)) return null;
  if (!online) return OFFLINE;
  if (linkProblem !== null) return { code: linkProblem, message: '', nextAttemptAt: null };
  const { lastCause, progress } = upload;
  if (upload.status === 'waiting') {
    const { wait } = upload;
    return lastCause && wait.reason === 'backoff' ? { ...lastCause, nextAttemptAt: wait.nextAttemptAt } : null;
  }
  if (progress.rateBytesPerSecond !== null) return null;
  const isRetrying = (progress.retrying?.length ?? 0) > 0 && (progress.inFlight?.length ?? 0) === 0;
  const cause = lastCause ?? (isRetrying ? UNKNOWN_CAUSE : null);
  return cause && { ...cause, nextAttemptAt: null };
}
