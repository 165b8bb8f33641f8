import { expect, it } from 'vitest';
import type { Batch } from '../../../../src/server/store/upload-store.ts';
import { createWhole, LIMITS, listBatches, newSession, readBatch, type Stores, save, toBatch } from './stores.ts';

/** Tests that batches are made, found and deleted. */
export function batchContract(create: () => Promise<Stores>): void {
  it('makes a batch of the chunks of a session, and ends the session', async () => {
    const stores = await create();
    const session = newSession({ key: 'k', metadata: { notes: 'n' } });
    await save(stores, session, 0, 'one ');
    const batch = await stores.uploads.createBatch(toBatch(await save(stores, session, 1, 'two')), LIMITS);
    for (const again of [stores, await stores.reopen()]) {
      const { uploads } = again;
      expect(await uploads.findSession(session.id)).toBeUndefined();
      const found = await uploads.findBatch(batch.batchId);
      expect(found).toMatchObject({ ownerId: 'ada', key: 'k', sessionId: session.id, metadata: { notes: 'n' } });
      expect((await uploads.findBatchByKey('ada', 'k'))?.batchId).toBe(batch.batchId);
      expect((await uploads.findBatchBySession(session.id))?.batchId).toBe(batch.batchId);
      expect(await uploads.findBatchByKey('bob', 'k')).toBeUndefined();
      // Joined meanwhile, its bytes may have moved.
      expect(await readBatch(again, await uploads.findBatch(batch.batchId))).toBe('one two');
    }
  });

  it('makes a batch of received files, which a clean-up keeps', async () => {
    const stores = await create();
    const batch = await createWhole(stores, 'hello');
    await stores.bytes.remove(batch.files.flatMap(({ parts }) => parts.map(({ blob }) => blob)));
    const again = await stores.reopen();
    expect(await readBatch(again, await again.uploads.findBatch(batch.batchId))).toBe('hello');
  });

  it('makes one batch per key, and removes the session of that key', async () => {
    const stores = await create();
    const session = newSession({ key: 'k' });
    await save(stores, session, 0, 'a');
    const first = await createWhole(stores, 'hello', { key: 'k' });
    const second = await createWhole(stores, 'other', { key: 'k' });
    expect(second.batchId).toBe(first.batchId);
    for (const { uploads } of [stores, await stores.reopen()]) {
      expect(await uploads.findSession(session.id)).toBeUndefined();
      expect(await listBatches(uploads)).toHaveLength(1);
    }
  });

  it('frees the quota of a session that became a batch', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxSessions: 1, maxBytes: 2 };
    const session = newSession({ totalChunks: 1 });
    await stores.uploads.createBatch(toBatch(await save(stores, session, 0, 'ab', { limits })), limits);
    await save(stores, newSession(), 0, 'cd', { limits });
  });

  it('lists the batches of a user, newest first', async () => {
    const stores = await create();
    const [first, second] = [await createWhole(stores, 'a'), await createWhole(stores, 'b')];
    await createWhole(stores, 'c', { ownerId: 'bob' });
    for (const { uploads } of [stores, await stores.reopen()]) {
      expect(await listBatches(uploads)).toEqual([second.batchId, first.batchId]);
      expect(await listBatches(uploads, 'stranger')).toEqual([]);
    }
  });

  it('lists the batches before a position, also when that batch is gone', async () => {
    const stores = await create();
    const created: Batch[] = [];
    for (const content of 'abcd') created.unshift(await createWhole(stores, content));
    const [, second, third, fourth] = created;
    const before = (store: Stores) => listBatches(store.uploads, 'ada', second);
    expect(await before(stores)).toEqual([third?.batchId, fourth?.batchId]);
    await stores.uploads.deleteBatch(second?.batchId ?? '');
    expect(await before(stores)).toEqual([third?.batchId, fourth?.batchId]);
    expect(await before(await stores.reopen())).toEqual([third?.batchId, fourth?.batchId]);
  });

  it('deletes a batch with its key and session, once or twice', async () => {
    const stores = await create();
    const session = newSession({ key: 'k', totalChunks: 1 });
    const { batchId } = await stores.uploads.createBatch(toBatch(await save(stores, session, 0, 'ab')), LIMITS);
    const other = await createWhole(stores, 'other');
    await stores.uploads.deleteBatch(batchId);
    await stores.uploads.deleteBatch(batchId);
    for (const { uploads } of [stores, await stores.reopen()]) {
      expect(await listBatches(uploads)).toEqual([other.batchId]);
      expect(await uploads.findBatch(batchId)).toBeUndefined();
      expect(await uploads.findBatchByKey('ada', 'k')).toBeUndefined();
      expect(await uploads.findBatchBySession(session.id)).toBeUndefined();
      expect(await uploads.findSession(session.id)).toBeUndefined();
    }
    expect((await createWhole(stores, 'again', { key: 'k' })).batchId).not.toBe(batchId);
  });

  it('lists the batches of all users that were made before a time', async () => {
    const stores = await create();
    const [old, young] = [await createWhole(stores, 'a'), await createWhole(stores, 'b', { ownerId: 'bob' })];
    const ids = async (before: number) => (await stores.uploads.listOldBatches(before)).map(({ batchId }) => batchId);
    expect(await ids(old.createdAt)).toEqual([]);
    expect(await ids(old.createdAt + 1)).toContain(old.batchId);
    expect((await ids(young.createdAt + 1)).sort()).toEqual([old.batchId, young.batchId].sort());
  });
}
