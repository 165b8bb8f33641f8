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

/** A Background Fetch by script: what the browser says of it. */
class ScriptedFetch extends EventTarget implements BackgroundFetchRegistration {
  readonly uploadTotal = 100;
  readonly result = '';
  uploaded = 0;
  downloaded = 0;
  readonly id: string;
  readonly #answers: ReadonlyMap<string, () => Promise<Response>>;
  readonly #end: (id: string) => void;

  constructor(id: string, answers: ReadonlyMap<string, () => Promise<Response>>, end: (id: string) => void) {
    super();
    this.id = id;
    this.#answers = answers;
    this.#end = end;
  }

  async abort(): Promise<boolean> {
    this.#end(this.id);
    return true;
  }

  async matchAll() {
    return [...this.#answers].map(([url, answer]) => ({ request: new Request(url), responseReady: answer() }));
  }
}

describe('what the browser carries', () => {
  let desk: DriverFixture;
  let carriers: BackgroundFetches;
  let running: Map<string, ScriptedFetch>;
  let now: number;
  let online: boolean;

  beforeEach(async () => {
    desk = await DriverFixture.open();
    running = new Map();
    now = 0;
    online = true;
    const backgroundFetch = {
      get: async (id: string) => running.get(id),
      getIds: async () => [...running.keys()],
    };
    carriers = new BackgroundFetches({
      db: desk.db,
      tabs: { post: async () => undefined, count: async () => 0 },
      // A quiet moment is over at once.
      clock: { ...realClock, now: () => now, sleep: async () => undefined },
      exclusive: (_name, _signal, work) => work(),
      registration: { backgroundFetch } as unknown as ServiceWorkerRegistration,
      online: () => online,
    });
  });

  afterEach(() => desk.close());

  /** An upload in the hands of a Background Fetch of this id. */
  async function handedOver(fetchId: string): Promise<string> {
    const id = await desk.queueUpload({ session: { id: 's', data: { ticket: 't' } } });
    const upload = await desk.db.update(id, createAssignTransition(fetchId, 0));
    expect(upload && getBackgroundFetchId(upload)).toBe(fetchId);
    return id;
  }

  function start(fetchId: string, answers = new Map<string, () => Promise<Response>>()): ScriptedFetch {
    const fetch = new ScriptedFetch(fetchId, answers, (id) => running.delete(id));
    running.set(fetchId, fetch);
    return fetch;
  }

  async function wake(atMs: number): Promise<void> {
    now = atMs;
    await carriers.abortAll(await carriers.reconcile());
  }

  const isBack = (upload: Upload | undefined) => upload !== undefined && canStartBackgroundFetch(upload);

  it('comes back when the browser knows nothing of it, and stays where it does', async () => {
    const [lost, kept] = [await handedOver('lost'), await handedOver('kept')];
    start('kept');
    await wake(0);
    expect(isBack(await desk.db.get(lost))).toBe(true);
    expect(isBack(await desk.db.get(kept))).toBe(false);
  });

  it('comes back when nothing of it was sent for five minutes, and its fetch is ended', async () => {
    const id = await handedOver('stuck');
    const fetch = start('stuck');
    await wake(0);
    fetch.uploaded = 10;
    for (let minute = 4; minute <= 8; minute++) await wake(minute * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake(9 * MINUTE_MS);
    expect(running.size).toBe(0);
    expect(isBack(await desk.db.get(id))).toBe(true);
  });

  it('waits for its turn while another one moves, and has its five minutes once that is over', async () => {
    await handedOver('first');
    await handedOver('second');
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

  it.each([0, 4])('waits for a network as long as it takes, lost after %i minutes', async (lostAt) => {
    await handedOver('patient');
    start('patient');
    for (let minute = 0; minute <= lostAt; minute++) {
      online = minute < lostAt;
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
  ])('has its five minutes in sight of somebody, although %s', async (_what, minutes) => {
    await handedOver('drowsy');
    start('drowsy');
    await wake(0);
    await wake(minutes * MINUTE_MS);
    for (let minute = 1; minute <= 3; minute++) await wake((minutes + minute) * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake((minutes + 4) * MINUTE_MS);
    await wake((minutes + 5) * MINUTE_MS);
    expect(running.size).toBe(0);
  });

  it('begins to count anew where an older version noted other facts', async () => {
    await handedOver('old');
    start('old');
    await desk.db.settings.set('fetchStalls', { old: { sentBytes: 0, since: 0 } as unknown as FetchStall });
    for (let minute = 10; minute <= 14; minute++) await wake(minute * MINUTE_MS);
    expect(running.size).toBe(1);
    await wake(15 * MINUTE_MS);
    expect(running.size).toBe(0);
  });

  it('is ended when it is of no upload any more', async () => {
    start('of nobody');
    await wake(0);
    expect(running.size).toBe(0);
  });

  it('is booked as far as the server answered, whatever became of the rest', async () => {
    const id = await handedOver('over');
    const place = (index: number) =>
      createChunkUrl('https://scripted.test/chunk', { uploadId: id, generation: 0, index, sizeBytes: 10 });
    const ok = async () => Response.json({ upload_id: 's', features: [] });
    const answers = new Map([
      [place(3), ok],
      [place(4), async () => Response.json({ error: 'server_busy' }, { status: 503 })],
      [place(5), async () => new Response('<h1>Sign in to the hotel</h1>')],
      [place(6), () => Promise.reject(new TypeError('not received'))],
      ['https://scripted.test/other', ok],
    ]);
    const fetch = start('over', answers);
    running.clear();
    await carriers.recordResults(fetch);
    expect((await desk.db.receipts(id, 0)).map(({ index }) => index)).toEqual([3]);
    expect(isBack(await desk.db.get(id))).toBe(true);
  });

  it('is complete when one answer names the batch', async () => {
    const id = await handedOver('whole');
    const url = createChunkUrl('https://scripted.test/chunk', {
      uploadId: id,
      generation: 0,
      index: 11,
      sizeBytes: 10,
    });
    const answers = new Map([[url, async () => Response.json({ upload_id: 's', batch_id: 'b' })]]);
    await carriers.recordResults(start('whole', answers));
    expect(await desk.db.get(id)).toMatchObject({ status: 'completed', batch: { batch_id: 'b' } });
    expect(await desk.db.receipts(id, 0)).toEqual([]);
  });
});
