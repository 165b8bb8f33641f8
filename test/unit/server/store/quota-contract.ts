import { expect, it } from 'vitest';
import { QuotaError } from '../../../../src/server/store/upload-store.ts';
import { createWhole, LIMITS, newSession, type Stores, save, toBatch } from './stores.ts';

/** Tests that the limits of a user hold. */
export function quotaContract(create: () => Promise<Stores>): void {
  const refused = (quota: QuotaError['quota']) => expect.objectContaining({ name: 'Error', quota });

  it('refuses one session too many of a user, and stores nothing of it', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxSessions: 1 };
    const [first, second] = [newSession({ key: 'k' }), newSession()];
    await save(stores, first, 0, 'a', { limits });
    await expect(save(stores, second, 0, 'b', { limits })).rejects.toEqual(refused('sessions'));
    expect(await stores.uploads.findSession(second.id)).toBeUndefined();
    await save(stores, newSession({ ownerId: 'bob' }), 0, 'c', { limits });
    await save(stores, newSession({ key: 'k', generation: 1 }), 0, 'd', { limits });
    await expect(save(stores, second, 0, 'b', { limits })).rejects.toBeInstanceOf(QuotaError);
  });

  it('counts the declared size of a session, or its chunks when they are more', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxBytes: 10 };
    const [declared, plain] = [newSession({ fileSize: 6 }), newSession()];
    await save(stores, declared, 0, 'a', { limits });
    await save(stores, plain, 0, 'bcde', { limits });
    await expect(save(stores, plain, 1, 'f', { limits })).rejects.toEqual(refused('bytes'));
    expect((await stores.uploads.findSession(plain.id))?.chunks.size).toBe(1);
    await save(stores, declared, 1, 'ghijk', { limits });
    const reopened = await stores.reopen();
    await expect(save(reopened, plain, 1, 'f', { limits })).rejects.toEqual(refused('bytes'));
    await reopened.uploads.deleteSession(declared.id);
    await save(reopened, plain, 1, 'fghijk', { limits });
  });

  it('counts batches and unfinished uploads of a user together', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxUserBytes: 10 };
    await createWhole(stores, '1234', {}, limits);
    const session = newSession({ totalChunks: 1 });
    const saved = await save(stores, session, 0, '12345', { limits });
    await expect(createWhole(stores, '12', {}, limits)).rejects.toEqual(refused('stored'));
    await expect(save(stores, newSession(), 0, '12', { limits })).rejects.toEqual(refused('stored'));
    await createWhole(stores, '12', { ownerId: 'bob' }, limits);
    const batch = await stores.uploads.createBatch(toBatch(saved), limits);
    const reopened = await stores.reopen();
    for (const again of [stores, reopened]) {
      expect(await again.uploads.countBytes('ada')).toBe(9);
      await expect(createWhole(again, '12', {}, limits)).rejects.toEqual(refused('stored'));
    }
    await reopened.uploads.deleteBatch(batch.batchId);
    expect(await reopened.uploads.countBytes('ada')).toBe(4);
    await createWhole(reopened, '123456', {}, limits);
  });

  it('lets a whole upload replace the session of its key within the limit', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxUserBytes: 10 };
    await save(stores, newSession({ key: 'k', fileSize: 10 }), 0, '12345', { limits });
    await createWhole(stores, '1234567890', { key: 'k' }, limits);
    expect(await stores.uploads.countBytes('ada')).toBe(10);
  });

  it('counts whole uploads that are stored at the same time', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxUserBytes: 10 };
    const creations = Array.from({ length: 10 }, () => createWhole(stores, '123', {}, limits));
    const outcomes = await Promise.allSettled(creations);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await stores.uploads.countBytes('ada')).toBe(9);
  });

  it('counts sessions that are saved at the same time', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxSessions: 4 };
    const saves = Array.from({ length: 10 }, () => save(stores, newSession(), 0, 'a', { limits }));
    const outcomes = await Promise.allSettled(saves);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  });
}
