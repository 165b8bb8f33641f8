import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BackgroundFetchRegistration,
  canStartBackgroundFetch,
  createAssignTransition,
  createChunkUrl,
  getBackgroundFetchId,
} from '../../../../src/shared/background-fetch.ts';
import type { FetchStall } from '../../../../src/shared/db/preferences.ts';
import type { Upload } from '../../../../src/shared/upload.ts';
import { BackgroundFetches } from '../../../../sw/background/background-fetches.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { DriverFixture } from '../driver-fixture.ts';

const MINUTE_MS = 60_000;

/** A Background Fetch whose state and responses the tests set. */
class FakeFetch extends EventTarget implements BackgroundFetchRegistration {
  readonly uploadTotal = 100;
  readonly result = '';
  uploaded = 0;
  downloaded = 0;
  readonly id: string;
  readonly #responses: ReadonlyMap<string, () => Promise<Response>>;
  readonly #onAbort: (id: string) => void;

  constructor(id: string, responses: ReadonlyMap<string, () => Promise<Response>>, onAbort: (id: string) => void) {
    super();
    this.id = id;
    this.#responses = responses;
    this.#onAbort = onAbort;
  }

  async abort(): Promise<boolean> {
    this.#onAbort(this.id);
    return true;
  }

  async matchAll() {
    return [...this.#responses].map(([url, respond]) => ({ request: new Request(url), responseReady: respond() }));
  }
}

describe('BackgroundFetches', () => {
  let fixture: DriverFixture;
  let fetches: BackgroundFetches;
  let running: Map<string, FakeFetch>;
  let now: number;
  let online: boolean;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
    running = new Map();
    now = 0;
    online = true;
    const backgroundFetch = {
      get: async (id: string) => running.get(id),
      getIds: async () => [...running.keys()],
    };
    fetches = new BackgroundFetches({
      db: fixture.db,
      tabs: { post: async () => undefined, count: async () => 0, hasVisible: async () => false },
      // The quiet time before an abort passes immediately.
      clock: { ...realClock, now: () => now, sleep: async () => undefined },
      exclusive: (_name, _signal, work) => work(),
      registration: { backgroundFetch } as unknown as ServiceWorkerRegistration,
      online: () => online,
    });
  });

  afterEach(() => fixture.close());

  /** Queues an upload and assigns it to a Background Fetch. */
  async function assign(fetchId: string): Promise<string> {
    const id = await fixture.queueUpload({ session: { id: 's', data: { ticket: 't' } } });
    const upload = await fixture.db.update(id, createAssignTransition(fetchId, 0));
    expect(upload && getBackgroundFetchId(upload)).toBe(fetchId);
    return id;
  }

  function start(fetchId: string, responses = new Map<string, () => Promise<Response>>()): FakeFetch {
    const fetch = new FakeFetch(fetchId, responses, (id) => running.delete(id));
    running.set(fetchId, fetch);
    return fetch;
  }

  async function wake(atMs: number): Promise<void> {
    now = atMs;
    await fetches.abortAll((await fetches.reconcile()).unclaimed);
  }

  const isReturned = (upload: Upload | undefined) => upload !== undefined && canStartBackgroundFetch(upload);

  it('returns an upload whose fetch is missing, and no other', async () => {
    const [lost, kept] = [await assign('lost'), await assign('kept')];
    start('kept');
    await wake(0);
    expect(isReturned(await fixture.db.get(lost))).toBe(true);
    expect(isReturned(await fixture.db.get(kept))).toBe(false);
  });

  it('returns an upload and aborts its fetch after 5 minutes without bytes', async () => {
    const id = await assign('stuck');
    const fetch = start('stuck');
    await wake(0);
    fetch.uploaded = 10;
    for (let minute = 4; minute <= 8; minute++) await wake(minute * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake(9 * MINUTE_MS);
    expect(running.size).toBe(0);
    expect(isReturned(await fixture.db.get(id))).toBe(true);
  });

  it('counts no stall while another fetch moves', async () => {
    await assign('first');
    await assign('second');
    const first = start('first');
    start('second');
    for (let minute = 0; minute <= 10; minute++) {
      first.uploaded = minute;
      await wake(minute * MINUTE_MS);
    }
    running.delete('first');
    for (let minute = 11; minute <= 15; minute++) await wake(minute * MINUTE_MS);
    expect([...running.keys()]).toEqual(['second']);
    await wake(16 * MINUTE_MS);
    expect(running.size).toBe(0);
  });

  it.each([0, 4])('counts no stall while offline, from minute %i', async (offlineAt) => {
    await assign('patient');
    start('patient');
    for (let minute = 0; minute <= offlineAt; minute++) {
      online = minute < offlineAt;
      await wake(minute * MINUTE_MS);
    }
    online = true;
    for (let minute = 60; minute <= 64; minute++) await wake(minute * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake(65 * MINUTE_MS);
    expect(running.size).toBe(0);
  });

  it.each([
    ['the machine sleeps', 600],
    ['the clock is set back', -600],
  ])('counts only observed minutes towards a stall when %s', async (_what, minutes) => {
    await assign('drowsy');
    start('drowsy');
    await wake(0);
    await wake(minutes * MINUTE_MS);
    for (let minute = 1; minute <= 3; minute++) await wake((minutes + minute) * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake((minutes + 4) * MINUTE_MS);
    await wake((minutes + 5) * MINUTE_MS);
    expect(running.size).toBe(0);
  });

  it('starts the count again if an older version stored other fields', async () => {
    await assign('old');
    start('old');
    await fixture.db.settings.set('fetchStalls', { old: { sentBytes: 0, since: 0 } as unknown as FetchStall });
    for (let minute = 10; minute <= 14; minute++) await wake(minute * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake(15 * MINUTE_MS);
    expect(running.size).toBe(0);
  });

  it('aborts a fetch that belongs to no upload', async () => {
    start('unclaimed');
    await wake(0);
    expect(running.size).toBe(0);
  });

  it('stores the readable responses of an ended fetch, and returns the rest', async () => {
    const id = await assign('over');
    const url = (index: number) =>
      createChunkUrl('https://scripted.test/chunk', { uploadId: id, generation: 0, index, sizeBytes: 10 });
    const ok = async () => Response.json({ upload_id: 's', features: [] });
    const responses = new Map([
      [url(3), ok],
      [url(4), async () => Response.json({ error: 'server_busy' }, { status: 503 })],
      [url(5), async () => new Response('<h1>Sign in to the hotel</h1>')],
      [url(6), () => Promise.reject(new TypeError('not received'))],
      ['https://scripted.test/other', ok],
    ]);
    const fetch = start('over', responses);
    running.clear();
    await fetches.recordResults(fetch);
    expect((await fixture.db.receipts(id, 0)).map(({ index }) => index)).toEqual([3]);
    expect(isReturned(await fixture.db.get(id))).toBe(true);
  });

  it('completes an upload when a response contains the batch', async () => {
    const id = await assign('whole');
    const url = createChunkUrl('https://scripted.test/chunk', {
      uploadId: id,
      generation: 0,
      index: 11,
      sizeBytes: 10,
    });
    const responses = new Map([[url, async () => Response.json({ upload_id: 's', batch_id: 'b' })]]);
    await fetches.recordResults(start('whole', responses));
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', batch: { batch_id: 'b' } });
    expect(await fixture.db.receipts(id, 0)).toEqual([]);
  });
});
