import {
  type BackgroundFetchManager,
  type BackgroundFetchRecord,
  type BackgroundFetchRegistration,
  type ChunkRef,
  createReleaseTransition,
  getBackgroundFetchId,
  getBackgroundFetchManager,
  getStartLockName,
  parseChunkUrl,
} from '../../src/shared/background-fetch.ts';
import type { FetchStall } from '../../src/shared/db/preferences.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { type BatchResponse, withState } from '../../src/shared/upload.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunExclusive, Tabs } from '../ports/ports.ts';
import { readSent } from '../server/responses.ts';

/** A Background Fetch that sends nothing for this long while there is a network comes back to the pool, in ms. */
const STALL_MS = 5 * 60_000;
/** A hidden page looks once in so long, in ms; where nobody looked for longer, nobody knows what was. */
const MAX_OBSERVED_MS = 60_000;
/** A request under way for this long is past its start. */
const QUIET_MS = 1500;
const POLL_MS = 100;

/** What the worker's side of Background Fetch needs of its surroundings. */
export interface BackgroundFetchesDependencies {
  readonly db: UploadsDb;
  readonly tabs: Tabs;
  readonly clock: Clock;
  readonly exclusive: RunExclusive;
  readonly registration: ServiceWorkerRegistration;
  online(): boolean;
}

/** The worker's side of Background Fetch: keeps the records true to what the browser has, and books what it brought. */
export class BackgroundFetches {
  readonly #deps: BackgroundFetchesDependencies;
  readonly #manager: BackgroundFetchManager | null;

  constructor(around: BackgroundFetchesDependencies) {
    this.#deps = around;
    this.#manager = getBackgroundFetchManager(around.registration);
  }

  /** Whether the browser is sending anything. */
  async hasActive(): Promise<boolean> {
    return ((await this.#manager?.getIds()) ?? []).length > 0;
  }

  /** The signed-in user's uploads that were handed over to a Background Fetch. */
  async getUploadIds(fetchId: string): Promise<readonly string[]> {
    return (await this.#getClaimed()).get(fetchId) ?? [];
  }

  /** The upload that a Background Fetch is about: of several the first; null where nothing tells. */
  async findUploadId(fetch: BackgroundFetchRegistration): Promise<string | null> {
    const [uploadId] = await this.getUploadIds(fetch.id);
    if (uploadId !== undefined) return uploadId;
    // It is over, and its uploads are not with it any more.
    const [record] = await fetch.matchAll().catch(() => []);
    return record ? (parseChunkUrl(record.request.url)?.uploadId ?? null) : null;
  }

  /**
   * Compares the records with what the browser has: an upload whose fetch is not there, or stalls, comes back to the pool.
   *
   * @returns what is of no upload of the signed-in user: it was taken back, paused or cancelled, or stalls, or its user left.
   */
  async reconcile(): Promise<readonly BackgroundFetchRegistration[]> {
    // In this order: what is recorded before it starts is never taken for nobody's.
    const running = await this.#getRunning();
    const stalled = await this.#findStalled(running);
    const claimed = await this.#getClaimed();
    for (const [fetchId, ids] of claimed) {
      if (stalled.has(fetchId)) await this.#release(fetchId, ids);
      else if (!running.has(fetchId)) await this.#releaseUnlessStarting(fetchId, ids);
    }
    return [...running.values()].filter(({ id }) => stalled.has(id) || !claimed.has(id));
  }

  /** Ends what is of nobody. */
  async abortAll(fetches: readonly BackgroundFetchRegistration[]): Promise<void> {
    await Promise.all(fetches.map((fetch) => this.#abortWhenQuiet(fetch)));
  }

  /** A Background Fetch is over, well or not: every answer that can be read is booked, the rest comes back to the pool. */
  async recordResults(fetch: BackgroundFetchRegistration): Promise<void> {
    const batches = new Map<string, BatchResponse>();
    // All at once: one that was not received rejects before its turn would come.
    for (const { place, answer } of await Promise.all((await fetch.matchAll()).map(parseRecord))) {
      if (place && answer?.result) batches.set(place.uploadId, answer.result);
      else if (place && answer) await this.#acknowledge(place);
    }
    // Last, because with the batch everything else of an upload is let go.
    for (const [id, batch] of batches) await this.#complete(id, batch);
    await this.#release(fetch.id, await this.getUploadIds(fetch.id));
  }

  /** In the lock that a page holds until it has started a fetch: once it is free, what is not there is not coming. */
  async #releaseUnlessStarting(fetchId: string, ids: readonly string[]): Promise<void> {
    await this.#deps.exclusive(getStartLockName(fetchId), undefined, async () => {
      if (!(await this.#manager?.get(fetchId))) await this.#release(fetchId, ids);
    });
  }

  /**
   * Once nothing was answered for a while: Chromium 156 crashes when a fetch is ended in the moment in which one of its requests
   * starts, which is when the one before was answered.
   */
  async #abortWhenQuiet(fetch: BackgroundFetchRegistration): Promise<void> {
    let now: BackgroundFetchRegistration | undefined = fetch;
    for (let quietMs = 0; now && quietMs < QUIET_MS; quietMs += POLL_MS) {
      const downloaded: number = now.downloaded;
      await this.#deps.clock.sleep(POLL_MS);
      now = await this.#manager?.get(fetch.id);
      if (now?.downloaded !== downloaded) quietMs = 0;
    }
    await now?.abort();
  }

  async #getRunning(): Promise<ReadonlyMap<string, BackgroundFetchRegistration>> {
    const running = new Map<string, BackgroundFetchRegistration>();
    for (const id of (await this.#manager?.getIds()) ?? []) {
      const fetch = await this.#manager?.get(id);
      if (fetch) running.set(id, fetch);
    }
    return running;
  }

  /** The ids of those that have sent nothing for too long; how far each is now is kept for the next look. */
  async #findStalled(running: ReadonlyMap<string, BackgroundFetchRegistration>): Promise<ReadonlySet<string>> {
    const { clock, db, online } = this.#deps;
    const before = await db.settings.get('fetchStalls');
    const now = clock.now();
    // The browser serves one after the other: as long as one of them moves, or ends, the others only wait for their turn.
    const isMoving = Object.entries(before).some(([id, { sentBytes }]) => running.get(id)?.uploaded !== sentBytes);
    // Where there is no network nothing is noted: from the next one on each has its time anew.
    const seen = online() ? [...running.values()] : [];
    const strides = seen.map(({ id, uploaded }): [string, FetchStall] => {
      // Nothing of what an older version noted counts, which had other facts there.
      const { checkedAt: lookedAt = now, stalledMs: stoodMs = 0 }: Partial<FetchStall> =
        (isMoving ? undefined : before[id]) ?? {};
      // In between the machine may have slept, or its clock been set, also back.
      const seenMs = Math.min(Math.max(now - lookedAt, 0), MAX_OBSERVED_MS);
      return [id, { sentBytes: uploaded, checkedAt: now, stalledMs: stoodMs + seenMs }];
    });
    if (strides.length > 0 || Object.keys(before).length > 0)
      await db.settings.set('fetchStalls', Object.fromEntries(strides));
    return new Set(strides.filter(([, { stalledMs: stoodMs }]) => stoodMs >= STALL_MS).map(([id]) => id));
  }

  async #acknowledge({ uploadId, generation, index, sizeBytes }: ChunkRef): Promise<void> {
    await this.#deps.db.addReceipt({ uploadId, generation, index, sizeBytes }, () => null);
  }

  async #complete(id: string, answer: BatchResponse): Promise<void> {
    const { clock, db, tabs } = this.#deps;
    const completedAt = clock.now();
    await db.updateAndDeleteBytes(id, (before) =>
      withState(before, { status: 'completed', batch: answer, completedAt }),
    );
    await tabs.post({ type: 'changed', id });
  }

  async #release(fetchId: string, ids: readonly string[]): Promise<void> {
    const { db, tabs } = this.#deps;
    for (const id of ids) {
      await db.update(id, createReleaseTransition(fetchId));
      await tabs.post({ type: 'changed', id });
    }
  }

  /** The signed-in user's uploads that are handed over, by their Background Fetch. */
  async #getClaimed(): Promise<ReadonlyMap<string, readonly string[]>> {
    const claimed = new Map<string, string[]>();
    const { db } = this.#deps;
    const token = await db.settings.getCredentials();
    for (const upload of token ? await db.listByStatus(token.userId, ['waiting']) : []) {
      const fetchId = getBackgroundFetchId(upload);
      if (fetchId !== null) claimed.set(fetchId, [...(claimed.get(fetchId) ?? []), upload.id]);
    }
    return claimed;
  }
}

/** What was not received, refused or not understood counts as not sent: the server is asked before it is sent again. */
async function parseRecord({ request, responseReady }: BackgroundFetchRecord) {
  const place = parseChunkUrl(request.url);
  try {
    const response = await responseReady;
    return { place, answer: await readSent(response) };
  } catch {
    return { place, answer: null };
  }
}
