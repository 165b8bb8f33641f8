import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { type Batch, type NewBatch, QuotaError } from '../../../../src/server/store/upload-store.ts';
import { partialsContract } from './partials-contract.ts';
import { LIMITS, listBatches, newSession, readBatch, type Stores, save, toBatch } from './stores.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function createWhole(
  { uploads, bytes }: Stores,
  content: string,
  facts: Partial<NewBatch> = {},
  limits = LIMITS,
): Promise<Batch> {
  const { blob, sizeBytes, sha256 } = await bytes.receive(Readable.from([content]));
  await bytes.commit(blob);
  const file = { name: 'film.mov', type: 'video/quicktime', sizeBytes, sha256, parts: [{ blob, sizeBytes }] };
  const plan = { key: null, sessionId: null, generation: 0, totalChunks: 0, uploadType: 'file', metadata: {} };
  return uploads.createBatch({ ownerId: 'ada', ...plan, files: [file], fileList: null, ...facts }, limits);
}

/** Tests that every implementation of `UploadStore` passes. */
export function uploadStoreContract(create: () => Promise<Stores>): void {
  sessionContract(create);
  partialsContract(create);
  quotaContract(create);
  batchContract(create);
}

function sessionContract(create: () => Promise<Stores>): void {
  it('creates a session with its first chunk, and keeps it over a restart', async () => {
    const stores = await create();
    const facts = { key: 'k', generation: 3, metadata: { task_id: 't', notes: '' }, fileSize: 9 };
    const session = newSession(facts);
    const saved = await save(stores, session, 1, '456', { offset: 3 });
    for (const { uploads } of [stores, await stores.reopen()]) {
      const found = await uploads.findSession(session.id);
      expect(found).toMatchObject({ ...session, touchedAt: expect.any(Number) });
      const chunk = { parts: saved.chunks.get(1)?.parts, sizeBytes: 3, offset: 3 };
      expect([...(found?.chunks ?? [])]).toEqual([[1, chunk]]);
      expect((await uploads.findSessionByKey('ada', 'k'))?.id).toBe(session.id);
      expect(await uploads.findSessionByKey('bob', 'k')).toBeUndefined();
      expect(await uploads.findSession('none')).toBeUndefined();
    }
  });

  it('keeps the metadata and the size that a later chunk declares', async () => {
    const stores = await create();
    const session = newSession();
    await save(stores, session, 0, 'a');
    await save(stores, { ...session, metadata: { notes: 'late' }, fileSize: 2 }, 1, 'b');
    const { uploads } = await stores.reopen();
    expect(await uploads.findSession(session.id)).toMatchObject({ metadata: { notes: 'late' }, fileSize: 2 });
  });

  it('replaces the chunk of an index', async () => {
    const stores = await create();
    const session = newSession();
    await save(stores, session, 0, 'old');
    await save(stores, session, 0, 'newer');
    const { uploads, bytes } = await stores.reopen();
    const chunks = [...((await uploads.findSession(session.id))?.chunks.values() ?? [])];
    const parts = [{ blob: expect.any(String), sizeBytes: 5 }];
    expect(chunks).toEqual([{ parts, sizeBytes: 5, offset: null }]);
    expect(await text(bytes.read(chunks[0]?.parts ?? [], 0, 5))).toBe('newer');
  });

  it('replaces the session of a key by the first chunk of a new one', async () => {
    const stores = await create();
    const [previous, next] = [newSession({ key: 'k' }), newSession({ key: 'k', generation: 1 })];
    await save(stores, previous, 0, 'a');
    await save(stores, next, 0, 'b');
    for (const { uploads } of [stores, await stores.reopen()]) {
      expect(await uploads.findSession(previous.id)).toBeUndefined();
      expect((await uploads.findSessionByKey('ada', 'k'))?.id).toBe(next.id);
    }
  });

  it('deletes a session, once or twice', async () => {
    const stores = await create();
    const session = newSession({ key: 'k' });
    await save(stores, session, 0, 'a');
    await stores.uploads.deleteSession(session.id);
    await stores.uploads.deleteSession(session.id);
    for (const { uploads } of [stores, await stores.reopen()]) {
      expect(await uploads.findSession(session.id)).toBeUndefined();
      expect(await uploads.findSessionByKey('ada', 'k')).toBeUndefined();
    }
  });

  it('finds sessions that were idle from observation to observation', async () => {
    const stores = await create();
    const [idle, busy] = [newSession(), newSession()];
    await save(stores, idle, 0, 'a');
    const { touchedAt } = await save(stores, busy, 0, 'a');
    const observe = async ({ uploads }: Stores, minutes: number, idleMinutes: number) => {
      const { idleSessions } = await uploads.observe(touchedAt + minutes * MINUTE_MS, idleMinutes * MINUTE_MS);
      return idleSessions.map(({ id }) => id).sort();
    };
    expect(await observe(stores, 0, 1)).toEqual([]);
    expect(await observe(stores, 60, 60)).toEqual([idle.id, busy.id].sort());
    const reopened = await stores.reopen();
    expect(await observe(reopened, 100, 101)).toEqual([]);
    expect(await observe(reopened, 120, 120)).toEqual([idle.id, busy.id].sort());
  });

  it('counts an hour at most between two observations', async () => {
    const stores = await create();
    const { id, touchedAt } = await save(stores, newSession(), 0, 'a');
    const observe = async (hours: number, idleHours: number) => {
      const { idleSessions } = await stores.uploads.observe(touchedAt + hours * HOUR_MS, idleHours * HOUR_MS);
      return idleSessions.map((session) => session.id);
    };
    const days = 48;
    await observe(0, 1);
    expect(await observe(days, 1.01)).toEqual([]);
    expect(await observe(0, 1.01)).toEqual([]);
    expect(await observe(1, 1.99)).toEqual([id]);
  });

  it('follows a clock that jumps by two hours at most, and not back', async () => {
    const { uploads } = await create();
    const times: number[] = [];
    for (const hours of [0, 1000, 1001, 0]) times.push((await uploads.observe(hours * HOUR_MS, 1)).time / HOUR_MS);
    expect(times).toEqual([0, 2, 4, 4]);
  });
}

function quotaContract(create: () => Promise<Stores>): void {
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

function batchContract(create: () => Promise<Stores>): void {
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
