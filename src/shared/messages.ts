/** Page to worker. A hint: what it is about stands in the database before it is sent. */
export type Command =
  /** Something may be ready to be driven: a new upload, a network that came back, a page that started. */
  | { readonly type: 'wake' }
  /** The record of this upload was changed by a page, or more of it is staged. */
  | { readonly type: 'changed'; readonly id: string }
  /** These, and no others, are to be handed over: open a session for each of them before anything else is sent. */
  | { readonly type: 'open-sessions'; readonly ids: readonly string[] }
  /** These uploads were handed over to this Background Fetch: send nothing more of them, and say so. */
  | { readonly type: 'release'; readonly fetchId: string }
  /** A waiting new worker version is asked to take over; the name is workbox-window's. */
  | { readonly type: 'SKIP_WAITING' };

/** How far an upload is; rate in bytes per second. */
export interface Progress {
  readonly id: string;
  readonly chunksTotal: number;
  readonly chunksUploaded: number;
  /** What the server has said it has: exact. */
  readonly bytesAcknowledged: number;
  /** With what has probably left since, at most one chunk; of what the browser itself sends, all that it counted. */
  readonly bytesUploaded: number;
  readonly bytesTotal: number;
  readonly currentChunk: number;
  readonly rateBytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Indices of the chunks on their way; never more than go at once. */
  readonly inFlight?: readonly number[];
  /** Indices of chunks that failed and wait for another try; the first few. */
  readonly retrying?: readonly number[];
}

/** Worker to every tab. */
export type Notice =
  | { readonly type: 'progress'; readonly progress: Progress }
  /** The record changed: read it. */
  | { readonly type: 'changed'; readonly id: string }
  /** The user clicked outside the app on what tells of this upload. */
  | { readonly type: 'show'; readonly id: string }
  /** Nothing more is sent of what was handed over to this Background Fetch: it may start. */
  | { readonly type: 'released'; readonly fetchId: string }
  /** The server no longer takes this user's token: store a new one in the settings. */
  | { readonly type: 'credentials-wanted'; readonly userId: string };

/** A command of this or another version, or null for what this version does not know. */
export function parseCommand(data: unknown): Command | null {
  if (!hasType(data)) return null;
  if (data.type === 'wake' || data.type === 'SKIP_WAITING') return { type: data.type };
  if (data.type === 'changed' && typeof data.id === 'string') return { type: 'changed', id: data.id };
  if (data.type === 'open-sessions' && isIdList(data.ids)) return { type: 'open-sessions', ids: data.ids };
  if (data.type === 'release' && typeof data.fetchId === 'string') return { type: 'release', fetchId: data.fetchId };
  return null;
}

/** A notice of this or another version, or null for what this version does not know. */
export function parseNotice(data: unknown): Notice | null {
  if (!hasType(data)) return null;
  if (data.type === 'changed' && typeof data.id === 'string') return { type: 'changed', id: data.id };
  if (data.type === 'show' && typeof data.id === 'string') return { type: 'show', id: data.id };
  if (data.type === 'released' && typeof data.fetchId === 'string') return { type: 'released', fetchId: data.fetchId };
  if (data.type === 'credentials-wanted' && typeof data.userId === 'string') {
    return { type: 'credentials-wanted', userId: data.userId };
  }
  if (data.type === 'progress' && isProgress(data.progress)) return { type: 'progress', progress: data.progress };
  return null;
}

function hasType(data: unknown): data is Record<string, unknown> & { type: string } {
  return typeof data === 'object' && data !== null && 'type' in data && typeof data.type === 'string';
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
