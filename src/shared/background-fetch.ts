import { getCapabilities, hasTicket } from './http/features.ts';
import { hasFileList } from './http/file-list.ts';
import type { ServerProfile } from './server-profile.ts';
import { PIECE_BYTES } from './staging/pieces.ts';
import { getReadyState, isActive, isStaged, type Transition, type Upload, withState } from './upload.ts';

// The TypeScript libraries do not declare Background Fetch
// (https://wicg.github.io/background-fetch/).

/** A Background Fetch that is running or has just ended. */
export interface BackgroundFetchRegistration extends EventTarget {
  readonly id: string;
  /** The size of all request bodies, in bytes. */
  readonly uploadTotal: number;
  readonly uploaded: number;
  /** The received size of all responses, in bytes. */
  readonly downloaded: number;
  readonly result: '' | 'success' | 'failure';
  abort(): Promise<boolean>;
  matchAll(): Promise<readonly BackgroundFetchRecord[]>;
}

/** One request of a Background Fetch. `responseReady` rejects if no response arrived. */
export interface BackgroundFetchRecord {
  readonly request: Request;
  readonly responseReady: Promise<Response>;
}

/** The title and the icons of a Background Fetch in the browser's own download list. */
export interface BackgroundFetchUIOptions {
  readonly title: string;
  readonly icons?: readonly { readonly src: string; readonly sizes?: string; readonly type?: string }[];
}

/** Starts Background Fetches, from a window only, and finds them. */
export interface BackgroundFetchManager {
  fetch(
    id: string,
    requests: readonly Request[],
    options: BackgroundFetchUIOptions,
  ): Promise<BackgroundFetchRegistration>;
  get(id: string): Promise<BackgroundFetchRegistration | undefined>;
  getIds(): Promise<readonly string[]>;
}

/**
 * The Background Fetch manager of a service worker registration; null in browsers without
 * Background Fetch.
 */
export function getBackgroundFetchManager(registration: ServiceWorkerRegistration): BackgroundFetchManager | null {
  return (registration as { backgroundFetch?: BackgroundFetchManager }).backgroundFetch ?? null;
}

/**
 * The Web Lock that a page holds from the assignment of uploads to a Background Fetch until that
 * has started. If the lock is free and the fetch is missing, it will not start.
 */
export function getStartLockName(fetchId: string): string {
  return `background-fetch:${fetchId}`;
}

/** The chunk that a request carries. */
export interface ChunkRef {
  readonly uploadId: string;
  readonly generation: number;
  readonly index: number;
  readonly sizeBytes: number;
}

/**
 * Adds a chunk's reference to a URL, as its fragment. Browsers keep the fragment of a request and
 * do not send it.
 */
export function createChunkUrl(url: string, { uploadId, generation, index, sizeBytes }: ChunkRef): string {
  return `${url}#${encodeURIComponent(uploadId)}/${generation}/${index}/${sizeBytes}`;
}

/** The chunk's reference in a URL of `createChunkUrl`; null for other URLs. */
export function parseChunkUrl(url: string): ChunkRef | null {
  const [id, ...numbers] = new URL(url).hash.slice(1).split('/');
  const [generation, index, sizeBytes] = numbers.map(Number);
  if (!id || generation === undefined || index === undefined || sizeBytes === undefined) return null;
  if (![generation, index, sizeBytes].every((n) => Number.isSafeInteger(n) && n >= 0)) return null;
  return { uploadId: decodeURIComponent(id), generation, index, sizeBytes };
}

/**
 * Whether a server allows Background Fetch: chunks may arrive twice, and a ticket authorizes them,
 * because the browser fixes headers at the start and an access token expires within minutes.
 */
export function supportsBackgroundFetch(profile: ServerProfile): boolean {
  return getCapabilities(profile).standaloneRequests;
}

/**
 * Whether an upload can join a Background Fetch once its session is open: it is staged, active and
 * sent in chunks. Until an upload has a plan, one of at most a piece does not count, because the
 * worker sends small uploads first.
 */
export function isBackgroundFetchCandidate(upload: Upload): boolean {
  const { plan, sizeBytes } = upload;
  const willBeChunked = !hasFileList(upload) && sizeBytes > PIECE_BYTES;
  const isChunked = plan ? plan.way === 'chunks' : willBeChunked;
  return isChunked && isStaged(upload) && isActive(upload);
}

/** Whether an upload can join a Background Fetch now. */
export function canStartBackgroundFetch(upload: Upload): boolean {
  return hasTicket(upload.session) && isBackgroundFetchCandidate(upload);
}

/** The Background Fetch that an upload is assigned to, or null. */
export function getBackgroundFetchId(upload: Upload): string | null {
  return upload.status === 'waiting' && upload.wait.reason === 'background-fetch' ? upload.wait.fetchId : null;
}

/** Assigns an upload to a Background Fetch, unless it has another plan by now. */
export function createAssignTransition(fetchId: string, generation: number): Transition {
  return (before) => {
    if (!canStartBackgroundFetch(before) || before.generation !== generation) return null;
    return withState(before, { status: 'waiting', wait: { reason: 'background-fetch', fetchId } });
  };
}

/** Returns an upload to the worker if it is still assigned to this Background Fetch. */
export function createReturnTransition(fetchId: string): Transition {
  return (before) => (getBackgroundFetchId(before) === fetchId ? withState(before, getReadyState(before)) : null);
}
