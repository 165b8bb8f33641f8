import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { batchContract } from './batches-contract.ts';
import { partialsContract } from './partials-contract.ts';
import { quotaContract } from './quota-contract.ts';
import { newSession, type Stores, save } from './stores.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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
