import {
  type BackgroundFetchManager,
  type BackgroundFetchRecord,
  type BackgroundFetchRegistration,
  createReturnTransition,
  getBackgroundFetchId,
  getBackgroundFetchManager,
  getStartLockName,
  parseChunkUrl,
} from '../../src/shared/background-fetch.ts';
import { type BatchResponse, withState } from '../../src/shared/upload.ts';
import type { RunExclusive, Tabs } from '../ports/ports.ts';
import { readSent } from '../server/responses.ts';
import { type FetchStallsDependencies, findStalledFetches } from './fetch-stalls.ts';

/** A request that has been in flight for this long is past its start, in ms. */
const QUIET_MS = 1500;
const POLL_MS = 100;

/** The dependencies of `BackgroundFetches`. */
export interface BackgroundFetchesDependencies extends FetchStallsDependencies {
  readonly tabs: Tabs;
  readonly exclusive: RunExclusive;
  readonly registration: ServiceWorkerRegistration;
}

/** The result of comparing the records with the browser's Background Fetches. */
export interface Reconciliation {
  /** The Background Fetches without an upload of the signed-in user, to be aborted. */
  readonly unclaimed: readonly BackgroundFetchRegistration[];
  /** Whether an upload returned to the driver. */
  readonly hasReturned: boolean;
}

/** The worker's side of Background Fetch; pages start them. */
export class BackgroundFetches {
  readonly #deps: BackgroundFetchesDependencies;
  readonly #manager: BackgroundFetchManager | null;

  constructor(deps: BackgroundFetchesDependencies) {
    this.#deps = deps;
    this.#manager = getBackgroundFetchManager(deps.registration);
  }

  /** Whether the browser has a Background Fetch of this app. */
  async hasActive(): Promise<boolean> {
    return ((await this.#manager?.getIds()) ?? []).length > 0;
  }

  /** The ids of the signed-in user's uploads that are in a Background Fetch. */
  async getUploadIds(fetchId: string): Promise<readonly string[]> {
    return (await this.#getClaimed()).get(fetchId) ?? [];
  }

  /** The first upload of a Background Fetch; null if it is unknown. */
  async findUploadId(fetch: BackgroundFetchRegistration): Promise<string | null> {
    const [uploadId] = await this.getUploadIds(fetch.id);
    if (uploadId !== undefined) return uploadId;
    // The fetch has ended, so its uploads no longer refer to it.
    const [record] = await fetch.matchAll().catch(() => []);
    return record ? (parseChunkUrl(record.request.url)?.uploadId ?? null) : null;
  }

  /**
   * Compares the records with the browser's Background Fetches: an upload returns to the driver
   * when its fetch is missing or stalled.
   *
   * @returns as unclaimed: fetches that are stalled, whose uploads were returned, paused or
   * cancelled, or whose user signed out.
   */
  async reconcile(): Promise<Reconciliation> {
    // Read the fetches before the records: a page writes the record before it starts the fetch.
    const running = await this.#getRunning();
    const stalled = await findStalledFetches(this.#deps, running);
    const claimed = await this.#getClaimed();
    let hasReturned = false;
    for (const [fetchId, ids] of claimed) {
      if (running.has(fetchId) && !stalled.has(fetchId)) continue;
      const returning = stalled.has(fetchId)
        ? this.#returnUploads(fetchId, ids)
        : this.#returnUnlessStarting(fetchId, ids);
      hasReturned = (await returning) || hasReturned;
    }
    const unclaimed = [...running.values()].filter(({ id }) => stalled.has(id) || !claimed.has(id));
    return { unclaimed, hasReturned };
  }

  /** Aborts the Background Fetches that `reconcile` found unclaimed. */
  async abortAll(fetches: readonly BackgroundFetchRegistration[]): Promise<void> {
    await Promise.all(fetches.map((fetch) => this.#abortWhenQuiet(fetch)));
  }

  /** Stores every readable response of an ended Background Fetch, and returns its other uploads. */
  async recordResults(fetch: BackgroundFetchRegistration): Promise<void> {
    const batches = new Map<string, BatchResponse>();
    // Parse all at once: a missing response rejects early, and its rejection has to be handled.
    for (const { chunk, sent } of await Promise.all((await fetch.matchAll()).map(parseRecord))) {
      if (chunk && sent?.result) batches.set(chunk.uploadId, sent.result);
      else if (chunk && sent) await this.#deps.db.addReceipt(chunk, () => null);
    }
    // Last, because completing an upload deletes its receipts.
    for (const [id, batch] of batches) await this.#complete(id, batch);
    await this.#returnUploads(fetch.id, await this.getUploadIds(fetch.id));
  }

  /** Waits for the lock that the page holds until its fetch has started, then checks again. */
  #returnUnlessStarting(fetchId: string, ids: readonly string[]): Promise<boolean> {
    return this.#deps.exclusive(getStartLockName(fetchId), undefined, async () => {
      return !(await this.#manager?.get(fetchId)) && this.#returnUploads(fetchId, ids);
    });
  }

  /**
   * Aborts a fetch 1.5 s after its latest response. Chromium 156 crashes if a fetch is aborted at
   * the moment in which one of its requests starts, which is when the previous one is answered.
   */
  async #abortWhenQuiet(fetch: BackgroundFetchRegistration): Promise<void> {
    let current: BackgroundFetchRegistration | undefined = fetch;
    for (let quietMs = 0; current && quietMs < QUIET_MS; quietMs += POLL_MS) {
      const downloaded: number = current.downloaded;
      await this.#deps.clock.sleep(POLL_MS);
      current = await this.#manager?.get(fetch.id);
      if (current?.downloaded !== downloaded) quietMs = 0;
    }
    await current?.abort();
  }

  async #getRunning(): Promise<ReadonlyMap<string, BackgroundFetchRegistration>> {
    const running = new Map<string, BackgroundFetchRegistration>();
    for (const id of (await this.#manager?.getIds()) ?? []) {
      const fetch = await this.#manager?.get(id);
      if (fetch) running.set(id, fetch);
    }
    return running;
  }

  async #complete(id: string, batch: BatchResponse): Promise<void> {
    const { clock, db, tabs } = this.#deps;
    const completedAt = clock.now();
    await db.updateAndDeleteBytes(id, (before) => withState(before, { status: 'completed', batch, completedAt }));
    await tabs.post({ type: 'changed', id });
  }

  /** @returns whether there were uploads to return. */
  async #returnUploads(fetchId: string, ids: readonly string[]): Promise<boolean> {
    const { db, tabs } = this.#deps;
    for (const id of ids) {
      await db.update(id, createReturnTransition(fetchId));
      await tabs.post({ type: 'changed', id });
    }
    return ids.length > 0;
  }

  /** The ids of the signed-in user's uploads in each Background Fetch. */
  async #getClaimed(): Promise<ReadonlyMap<string, readonly string[]>> {
    const claimed = new Map<string, string[]>();
    const { db } = this.#deps;
    const credentials = await db.settings.getCredentials();
    for (const upload of credentials ? await db.listByStatus(credentials.userId, ['waiting']) : []) {
      const fetchId = getBackgroundFetchId(upload);
      if (fetchId !== null) claimed.set(fetchId, [...(claimed.get(fetchId) ?? []), upload.id]);
    }
    return claimed;
  }
}

/** A missing, refused or unreadable response counts as not sent; the worker asks the server. */
async function parseRecord({ request, responseReady }: BackgroundFetchRecord) {
  const chunk = parseChunkUrl(request.url);
  try {
    const response = await responseReady;
    return { chunk, sent: await readSent(response) };
  } catch {
    return { chunk, sent: null };
  }
}
