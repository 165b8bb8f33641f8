import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { type Batch, type NewBatch, QuotaError } from '../../../../src/server/store/upload-store.ts';
import { partialsContract } from './partials-contract.ts';
import { newSession, readBatch, type Stores, save, toBatch } from './stores.ts';

async function createWhole({ uploads, bytes }: Stores, content: string, facts: Partial<NewBatch> = {}): Promise<Batch> {
  const { blob, sizeBytes, sha256 } = await bytes.receive(Readable.from([content]));
  await bytes.commit(blob);
  const file = { name: 'film.mov', type: 'video/quicktime', sizeBytes, sha256, parts: [{ blob, sizeBytes }] };
  const plan = { key: null, sessionId: null, generation: 0, totalChunks: 0, uploadType: 'file', metadata: {} };
  return uploads.createBatch({ ownerId: 'ada', ...plan, files: [file], fileList: null, ...facts });
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

  it('lists the sessions without a new chunk since a time', async () => {
    const stores = await create();
    const { id, touchedAt } = await save(stores, newSession(), 0, 'a');
    expect(await stores.uploads.listIdleSessions(touchedAt)).toEqual([]);
    expect((await stores.uploads.listIdleSessions(touchedAt + 1)).map((session) => session.id)).toEqual([id]);
  });
}

function quotaContract(create: () => Promise<Stores>): void {
  const refused = (quota: QuotaError['quota']) => expect.objectContaining({ name: 'Error', quota });

  it('refuses one session too many of a user, and stores nothing of it', async () => {
    const stores = await create();
    const limits = { maxSessions: 1, maxBytes: 1000 };
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
    const limits = { maxSessions: 10, maxBytes: 10 };
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

  it('counts sessions that are saved at the same time', async () => {
    const stores = await create();
    const limits = { maxSessions: 4, maxBytes: 1000 };
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
    const batch = await stores.uploads.createBatch(toBatch(await save(stores, session, 1, 'two')));
    for (const again of [stores, await stores.reopen()]) {
      const { uploads } = again;
      expect(await uploads.findSession(session.id)).toBeUndefined();
      const found = await uploads.findBatch(batch.batchId);
      expect(found).toMatchObject({ ownerId: 'ada', key: 'k', sessionId: session.id, metadata: { notes: 'n' } });
      expect((await uploads.findBatchByKey('ada', 'k'))?.batchId).toBe(batch.batchId);
      expect((await uploads.findBatchBySession(session.id))?.batchId).toBe(batch.batchId);
      expect(await uploads.findBatchByKey('bob', 'k')).toBeUndefined();
      expect(await readBatch(again, found)).toBe('one two');
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
      expect(await uploads.listBatches('ada')).toHaveLength(1);
    }
  });

  it('frees the quota of a session that became a batch', async () => {
    const stores = await create();
    const limits = { maxSessions: 1, maxBytes: 2 };
    const session = newSession({ totalChunks: 1 });
    await stores.uploads.createBatch(toBatch(await save(stores, session, 0, 'ab', { limits })));
    await save(stores, newSession(), 0, 'cd', { limits });
  });

  it('lists the batches of a user, newest first', async () => {
    const stores = await create();
    const [first, second] = [await createWhole(stores, 'a'), await createWhole(stores, 'b')];
    await createWhole(stores, 'c', { ownerId: 'bob' });
    const ids = (await stores.uploads.listBatches('ada')).map(({ batchId }) => batchId);
    expect(ids).toEqual([second.batchId, first.batchId]);
    expect(await stores.uploads.listBatches('stranger')).toEqual([]);
  });
}
