import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseTransition } from '../../../src/page/queue/transitions.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import type { Notice } from '../../../src/shared/messages.ts';
import type { WorkerScope } from '../../../sw/compose.ts';
import { Engine } from '../../../sw/engine.ts';
import { createUpload } from '../../fixtures/upload.ts';

const CHUNKS = 12;
const ENDPOINT = 'https://scripted.test';

describe('Engine', () => {
  let db: UploadsDb;
  let notices: Notice[];
  /** The chunk indices of the requests that left. */
  let sentChunks: number[];

  beforeEach(async () => {
    db = await UploadsDb.open();
    const endpoint = {
      api: ENDPOINT,
      uploads: ENDPOINT,
      refresh: null,
      concurrency: 4,
      chunkBytes: 10,
      digests: false,
    };
    await db.settings.setEndpoint(endpoint);
    await db.settings.setCredentials({ userId: crypto.randomUUID(), accessToken: 't' });
    notices = [];
    sentChunks = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation((_url, init) => respond(init));
  });

  afterEach(() => {
    vi.restoreAllMocks();
    db.close();
  });

  /** Acknowledges chunk 0; every other chunk stays in flight until it is aborted. */
  async function respond({ body, signal }: RequestInit = {}): Promise<Response> {
    const features = ['idempotency_key'];
    if (!(body instanceof FormData)) return Response.json({ batches: [], features });
    const index = Number(body.get('chunk_index'));
    sentChunks.push(index);
    if (index === 0) return Response.json({ upload_id: 'session', features });
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  }

  /** The scope of a worker without Background Sync and Background Fetch, with one open tab. */
  function createScope(): WorkerScope {
    const tab = { postMessage: (notice: Notice) => void notices.push(notice) };
    return {
      registration: { getNotifications: async () => [] },
      clients: { matchAll: async () => [tab] },
      navigator,
      skipWaiting: async () => undefined,
    } as unknown as WorkerScope;
  }

  async function queueUpload(): Promise<string> {
    const userId = (await db.settings.getCredentials())?.userId ?? '';
    const plan = { way: 'chunks', chunkBytes: 10, ramp: [] } as const;
    const sizeBytes = CHUNKS * 10;
    const upload = createUpload({ id: crypto.randomUUID(), ownerId: userId, sizeBytes, stagedBytes: 0, plan });
    await db.add(upload);
    const piece = new Blob([new Uint8Array(sizeBytes)]);
    await db.putPieces(upload.id, 0, [piece], (before) => ({ ...before, stagedBytes: sizeBytes }));
    return upload.id;
  }

  it('reads one record and announces nothing when a page pauses an upload', async () => {
    const id = await queueUpload();
    const engine = new Engine(createScope());
    const waking = engine.onMessage({ type: 'wake' });
    await expect.poll(() => sentChunks).toHaveLength(5);
    await db.update(id, pauseTransition);
    notices.length = 0;
    const get = vi.spyOn(UploadsDb.prototype, 'get');
    const lists = vi.spyOn(UploadsDb.prototype, 'listByStatus');
    await engine.onMessage({ type: 'changed', id });
    await waking;
    expect(get.mock.calls).toEqual([[id]]);
    expect(lists).not.toHaveBeenCalled();
    expect(notices.filter(({ type }) => type !== 'progress')).toEqual([]);
    expect((await db.get(id))?.status).toBe('paused');
  });

  it('scans the uploads once for a change that arrives without an active run', async () => {
    const id = await queueUpload();
    await db.update(id, pauseTransition);
    const get = vi.spyOn(UploadsDb.prototype, 'get');
    const lists = vi.spyOn(UploadsDb.prototype, 'listByStatus');
    await new Engine(createScope()).onMessage({ type: 'changed', id });
    expect(get).not.toHaveBeenCalled();
    // One list for the scan, one for `reconcile()` and two for the check for due work.
    expect(lists).toHaveBeenCalledTimes(4);
    expect(notices).toEqual([]);
  });
});
