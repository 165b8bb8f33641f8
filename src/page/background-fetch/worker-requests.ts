import { canStartBackgroundFetch, isBackgroundFetchCandidate } from '../../shared/background-fetch.ts';
import type { Bridge } from '../bridge.ts';
import type { UploadStore } from '../queue/upload-store.ts';
import type { UploadView } from '../queue/upload-views.ts';
import { waitForUpload } from '../queue/wait-for-upload.ts';

/** A running worker releases uploads within some ms; a stopped worker sends nothing. */
const RELEASE_TIMEOUT_MS = 5000;
/** Uploads without a session after this time, in ms, stay with the worker. */
const OPEN_SESSIONS_TIMEOUT_MS = 30_000;
/** Each open session counts against the server's limit per user (1000 on the reference server). */
const MAX_SESSIONS_TO_OPEN = 250;

/** The requests of the page to the worker before it starts a Background Fetch. */
export class WorkerRequests {
  readonly #bridge: Bridge;
  readonly #store: UploadStore;
  readonly #pendingReleases = new Map<string, () => void>();

  constructor(bridge: Bridge, store: UploadStore) {
    this.#bridge = bridge;
    this.#store = store;
    bridge.onNotice((notice) => {
      if (notice.type === 'released') this.#pendingReleases.get(notice.fetchId)?.();
    });
  }

  /**
   * Opens sessions for these uploads. The worker sends one upload after the other, so most of them
   * have none yet.
   */
  async openSessions(uploads: readonly UploadView[], signal: AbortSignal): Promise<void> {
    const sessionless = uploads.filter((upload) => !isSettled(upload)).slice(0, MAX_SESSIONS_TO_OPEN);
    if (sessionless.length === 0) return;
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(OPEN_SESSIONS_TIMEOUT_MS)]);
    await this.#bridge.send({ type: 'open-sessions', ids: sessionless.map(({ id }) => id) });
    const opened = sessionless.map((upload) => waitForUpload(this.#store, upload, isSettled, timeout));
    await Promise.all(opened).catch(() => undefined);
    // Ends the priority of uploads that have no session yet.
    await this.#bridge.send({ type: 'open-sessions', ids: [] });
  }

  /** Resolves when the worker sends nothing more of the uploads in this Background Fetch. */
  async release(fetchId: string): Promise<void> {
    const isReleased = new Promise<void>((resolve) => this.#pendingReleases.set(fetchId, resolve));
    await this.#bridge.send({ type: 'release', fetchId });
    await Promise.race([isReleased, new Promise((resolve) => setTimeout(resolve, RELEASE_TIMEOUT_MS))]);
    this.#pendingReleases.delete(fetchId);
  }
}

/**
 * Whether the start need not wait for an upload. One that waits for a retry would delay all others.
 */
function isSettled(upload: UploadView | undefined): boolean {
  return (
    !upload || canStartBackgroundFetch(upload) || upload.status === 'waiting' || !isBackgroundFetchCandidate(upload)
  );
}
