/**
 * A message from page to worker. Messages are hints: the sender has already stored the facts in the
 * database.
 */
export type Command =
  /** An upload may be sendable: the page started, or the network came back. */
  | { readonly type: 'wake' }
  /** A page changed or removed this upload, or staged more of it. */
  | { readonly type: 'changed'; readonly id: string }
  /**
   * Opens a session for each of these uploads before it sends anything else. Replaces the previous
   * list.
   */
  | { readonly type: 'open-sessions'; readonly ids: readonly string[] }
  /** Stops sending the uploads of this Background Fetch, then answers `released`. */
  | { readonly type: 'release'; readonly fetchId: string }
  /** Lets a waiting worker version take over; workbox-window sends it under this name. */
  | { readonly type: 'SKIP_WAITING' };

/** The progress of an upload. */
export interface Progress {
  readonly id: string;
  readonly chunksTotal: number;
  readonly chunksUploaded: number;
  /** Bytes that the server has acknowledged. */
  readonly bytesAcknowledged: number;
  /**
   * Acknowledged bytes, those in flight that the server reports to have, and an estimate of at most
   * one second at the measured rate. Goes back only if the server lost bytes. During a Background
   * Fetch: the browser's own count.
   */
  readonly bytesUploaded: number;
  readonly bytesTotal: number;
  readonly currentChunk: number;
  /**
   * The bytes of all uploads of the worker, or of a Background Fetch, that arrive at the server in
   * a second. Null before it is measured in this run, and while nothing of this upload is sent.
   */
  readonly rateBytesPerSecond: number | null;
  /** The time for the rest of this upload at that rate; null without a rate. */
  readonly secondsLeft: number | null;
  /** Indices of the chunks in flight. */
  readonly inFlight?: readonly number[];
  /** Indices of the first few chunks that failed and will be retried. */
  readonly retrying?: readonly number[];
}

/** A message from the worker to every tab. */
export type Notice =
  | { readonly type: 'progress'; readonly progress: Progress }
  /** The worker changed or removed this upload. */
  | { readonly type: 'changed'; readonly id: string }
  /** The user clicked a notification, or the browser's own download list, about this upload. */
  | { readonly type: 'show'; readonly id: string }
  /** The worker sends nothing more of this Background Fetch's uploads, so it may start. */
  | { readonly type: 'released'; readonly fetchId: string }
  /**
   * Whether the worker reaches the server: null, or the code of the error that holds all uploads
   * back, `network`, `stalled` or `network_sign_in`. Repeated after each `wake`.
   */
  | { readonly type: 'link'; readonly problem: string | null }
  /** The server refuses this user's access token: the page should store new credentials. */
  | { readonly type: 'credentials-wanted'; readonly userId: string };

/**
 * Names of messages in the previous release. Page and worker may be of two releases while
 * an update is installed.
 */
const OLD_NAMES: Readonly<Record<string, string>> = {
  begin: 'open-sessions',
  'hand-over': 'release',
  'let-go': 'released',
  'token-wanted': 'credentials-wanted',
};

/**
 * The command in a message of this or another release, or null if this release does not know it.
 */
export function parseCommand(data: unknown): Command | null {
  const message = parseMessage(data);
  switch (message?.type) {
    case 'wake':
    case 'SKIP_WAITING':
      return { type: message.type };
    case 'changed':
      return typeof message.id === 'string' ? { type: 'changed', id: message.id } : null;
    case 'open-sessions':
      return isIdList(message.ids) ? { type: 'open-sessions', ids: message.ids } : null;
    case 'release':
      return typeof message.fetchId === 'string' ? { type: 'release', fetchId: message.fetchId } : null;
    default:
      return null;
  }
}

/** The notice in a message of this or another release, or null if this release does not know it. */
export function parseNotice(data: unknown): Notice | null {
  const message = parseMessage(data);
  switch (message?.type) {
    case 'changed':
    case 'show':
      return typeof message.id === 'string' ? { type: message.type, id: message.id } : null;
    case 'released':
      return typeof message.fetchId === 'string' ? { type: 'released', fetchId: message.fetchId } : null;
    case 'link':
      return message.problem === null || typeof message.problem === 'string'
        ? { type: 'link', problem: message.problem }
        : null;
    case 'credentials-wanted':
      return typeof message.userId === 'string' ? { type: 'credentials-wanted', userId: message.userId } : null;
    case 'progress':
      return isProgress(message.progress) ? { type: 'progress', progress: message.progress } : null;
    default:
      return null;
  }
}

/** The fields of a message, with the current name of its type; null if it has no type. */
function parseMessage(data: unknown): (Record<string, unknown> & { type: string }) | null {
  if (typeof data !== 'object' || data === null || !('type' in data) || typeof data.type !== 'string') return null;
  return { ...data, type: OLD_NAMES[data.type] ?? data.type };
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const counts = ['chunksTotal', 'chunksUploaded', 'currentChunk'];
  const numbers = [...counts, 'bytesAcknowledged', 'bytesUploaded', 'bytesTotal'];
  const areNumbers = numbers.every((name) => Number.isFinite(fields[name]));
  return typeof fields.id === 'string' && areNumbers && isIndexList(fields.inFlight) && isIndexList(fields.retrying);
}

function isIdList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((id) => typeof id === 'string');
}

function isIndexList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(Number.isSafeInteger));
}
