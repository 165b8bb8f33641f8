import type { Transition } from './db/uploads-db.ts';
import type { ServerProfile } from './endpoint.ts';
import { isImageBatch } from './metadata.ts';
import { isIdempotent } from './requests.ts';
import { PIECE_BYTES } from './staging/pieces.ts';
import { getReadyState, isActive, isStaged, type Upload, withState } from './upload.ts';

// What the standard libraries do not know: Background Fetch (https://wicg.github.io/background-fetch/).

/** A Background Fetch that is under way, or has just ended. */
export interface BackgroundFetchRegistration extends EventTarget {
  readonly id: string;
  /** Of all request bodies, in bytes. */
  readonly uploadTotal: number;
  readonly uploaded: number;
  /** Of all answers, in bytes. */
  readonly downloaded: number;
  readonly result: '' | 'success' | 'failure';
  abort(): Promise<boolean>;
  matchAll(): Promise<readonly BackgroundFetchRecord[]>;
}

/** One request of a Background Fetch; `responseReady` rejects where none was received. */
export interface BackgroundFetchRecord {
  readonly request: Request;
  readonly responseReady: Promise<Response>;
}

/** What the browser shows of a Background Fetch in its own surface. */
export interface BackgroundFetchUIOptions {
  readonly title: string;
  readonly icons?: readonly { readonly src: string; readonly sizes?: string; readonly type?: string }[];
}

/** The browser's own uploader; it starts in a window only. */
export interface BackgroundFetchManager {
  fetch(id: string, requests: readonly Request[], look: BackgroundFetchUIOptions): Promise<BackgroundFetchRegistration>;
  get(id: string): Promise<BackgroundFetchRegistration | undefined>;
  getIds(): Promise<readonly string[]>;
}

/** The carrier of a registration, or null where the engine has none. */
export function getBackgroundFetchManager(registration: ServiceWorkerRegistration): BackgroundFetchManager | null {
  return (registration as { backgroundFetch?: BackgroundFetchManager }).backgroundFetch ?? null;
}

/** Held by the page from the record of a hand-over until its Background Fetch has started: free and not started is given up. */
export function getStartLockName(fetchId: string): string {
  return `carrier:${fetchId}`;
}

/** Which chunk a request carries. */
export interface ChunkRef {
  readonly uploadId: string;
  readonly generation: number;
  readonly index: number;
  readonly sizeBytes: number;
}

/** A URL that says which chunk it is for, in its fragment: the browser keeps that and sends it nowhere. */
export function createChunkUrl(url: string, { uploadId, generation, index, sizeBytes }: ChunkRef): string {
  return `${url}#${encodeURIComponent(uploadId)}/${generation}/${index}/${sizeBytes}`;
}

/** The chunk that a URL was made for; null for one that `placedUrl` did not make. */
export function parseChunkUrl(url: string): ChunkRef | null {
  const [id, ...numbers] = new URL(url).hash.slice(1).split('/');
  const [generation, index, sizeBytes] = numbers.map(Number);
  if (!id || generation === undefined || index === undefined || sizeBytes === undefined) return null;
  if (![generation, index, sizeBytes].every((n) => Number.isSafeInteger(n) && n >= 0)) return null;
  return { uploadId: decodeURIComponent(id), generation, index, sizeBytes };
}

/**
 * Whether what the server listed allows handing over: chunks may come twice, and carry a ticket, because headers are fixed at
 * the start and a token lasts minutes.
 */
export function supportsBackgroundFetch(learned: ServerProfile): boolean {
  return isIdempotent(learned) && (learned.features?.includes('ticket') ?? false);
}

/**
 * Whether an upload can be handed over once its session is open: it is copied, and its chunks are its own to send. One that is so
 * small that it goes ahead of others is left to the worker until it has proved to take longer.
 */
export function isBackgroundFetchCandidate(upload: Upload): boolean {
  const { files, metadata, plan, sizeBytes } = upload;
  const willBeCut = files.length === 1 && !isImageBatch(metadata) && sizeBytes > PIECE_BYTES;
  const isCut = plan ? plan.way === 'chunks' : willBeCut;
  return isCut && isStaged(upload) && isActive(upload);
}

/** Whether an upload can be handed over now. */
export function canStartBackgroundFetch(upload: Upload): boolean {
  return upload.session?.ticket !== undefined && isBackgroundFetchCandidate(upload);
}

/** Which Background Fetch an upload was handed over to, or null. */
export function getBackgroundFetchId(upload: Upload): string | null {
  return upload.status === 'waiting' && upload.wait.reason === 'background-fetch' ? upload.wait.fetchId : null;
}

/** Hands an upload over, as far as the record goes; one that was planned anew since is left to the driver. */
export function createAssignTransition(fetchId: string, generation: number): Transition {
  return (before) => {
    if (!canStartBackgroundFetch(before) || before.generation !== generation) return null;
    return withState(before, { status: 'waiting', wait: { reason: 'background-fetch', fetchId } });
  };
}

/** Gives an upload back to the driver, if it is still with this Background Fetch. */
export function createReleaseTransition(fetchId: string): Transition {
  return (before) => (getBackgroundFetchId(before) === fetchId ? withState(before, getReadyState(before)) : null);
}
