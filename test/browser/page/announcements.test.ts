import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UploadClient } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import { createUpload } from '../../fixtures/upload.ts';
import { dispatchNotice, openSignedInClient } from './setup.ts';

const plan = { way: 'chunks', chunkBytes: 4, ramp: [] } as const;

/** Counts reads of upload records, and messages to the worker and to other tabs. */
function countReadsAndMessages() {
  const reads: string[] = [];
  const record = (name: string, store: string) => store === 'uploads' && reads.push(name);
  for (const name of ['get', 'getAll', 'openCursor'] as const) {
    const original = IDBObjectStore.prototype[name];
    vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (this: IDBObjectStore, ...args: unknown[]) {
      record(name, this.name);
      return Reflect.apply(original, this, args);
    } as typeof original);
  }
  for (const name of ['get', 'getAll', 'openCursor'] as const) {
    const original = IDBIndex.prototype[name];
    vi.spyOn(IDBIndex.prototype, name).mockImplementation(function (this: IDBIndex, ...args: unknown[]) {
      record(name, this.objectStore.name);
      return Reflect.apply(original, this, args);
    } as typeof original);
  }
  const toWorker = vi.fn();
  const registration = { active: { postMessage: toWorker } } as unknown as ServiceWorkerRegistration;
  vi.spyOn(navigator.serviceWorker, 'getRegistration').mockResolvedValue(registration);
  const toTabs = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
  return { reads, toWorker, toTabs };
}

describe('UploadClient: announcements', () => {
  let db: UploadsDb;
  let client: UploadClient;
  let id: string;

  beforeEach(async () => {
    db = await UploadsDb.open();
    const ownerId = crypto.randomUUID();
    ({ id } = await db.add({ ...createUpload({ ownerId, sizeBytes: 10, plan }), status: 'uploading' }));
    ({ client } = await openSignedInClient(ownerId));
  });

  afterEach(() => {
    vi.restoreAllMocks();
    client.close();
    db.close();
  });

  it.each(['pause', 'cancel'] as const)('reads the record once and messages the worker once to %s', async (command) => {
    const { reads, toWorker, toTabs } = countReadsAndMessages();
    await client[command](id);
    expect(client.get(id)?.status).toBe(command === 'pause' ? 'paused' : 'cancelled');
    await vi.waitFor(() => expect(toWorker).toHaveBeenCalled());
    // Checks of the conditions come a second later; they read no upload.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(reads).toEqual(['get']);
    expect(toWorker.mock.calls).toEqual([[{ type: 'changed', id }]]);
    expect(toTabs.mock.calls).toEqual([[{ type: 'changed', id }]]);
  });

  it('updates other tabs without the worker, with one read in each', async () => {
    const { client: other } = await openSignedInClient(client.userId ?? '');
    const { reads, toTabs } = countReadsAndMessages();
    await client.pause(id);
    await expect.poll(() => other.get(id)?.status).toBe('paused');
    expect(reads).toEqual(['get', 'get']);
    expect(toTabs).toHaveBeenCalledOnce();
    other.close();
  });

  it('keeps its own change when an older read ends after it', async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { receipts } = UploadsDb.prototype;
    vi.spyOn(UploadsDb.prototype, 'receipts').mockImplementationOnce(async function (this: UploadsDb, ...args) {
      await held;
      return receipts.apply(this, args);
    });
    dispatchNotice({ type: 'changed', id });
    await vi.waitFor(() => expect(UploadsDb.prototype.receipts).toHaveBeenCalledOnce());
    await client.pause(id);
    answer();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.get(id)?.status).toBe('paused');
  });
});
