import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { PartialChunk, Session } from '../../../../src/server/store/upload-store.ts';
import { LIMITS, newSession, readBatch, receive, type Stores, save, toBatch } from './stores.ts';

/** Tests of partial chunks that every implementation of `UploadStore` passes. */
export function partialsContract(create: () => Promise<Stores>): void {
  it('creates a session with a partial chunk, and keeps it over a restart', async () => {
    const stores = await create();
    const session = newSession({ key: 'k', fileSize: 9 });
    await keep(stores, session, 1, 3, '45');
    for (const again of [stores, await stores.reopen()]) {
      const found = await again.uploads.findSession(session.id);
      expect(found?.chunks.size).toBe(0);
      expect(await readPartials(again, found)).toEqual([[1, 3, '45']]);
    }
  });

  it('extends a partial chunk, and stores the chunk that continues it', async () => {
    const stores = await create();
    const session = newSession({ key: 'k', fileSize: 6 });
    const first = await keep(stores, session, 0, 0, 'ab');
    const second = await keep(stores, session, 0, 0, 'c', first.partials.get(0));
    expect(await readPartials(stores, second)).toEqual([[0, 0, 'abc']]);
    const reopened = await stores.reopen();
    const found = await reopened.uploads.findSession(session.id);
    expect(await readPartials(reopened, found)).toEqual([[0, 0, 'abc']]);
    await complete(reopened, session, 0, 'd', found?.partials.get(0));
    const last = await reopened.reopen();
    const stored = await save(last, session, 1, 'ef', { offset: 4 });
    expect(stored.partials.size).toBe(0);
    const batch = await last.uploads.createBatch(toBatch(stored), LIMITS);
    expect(await readBatch(last, batch)).toBe('abcdef');
    const joined = await last.reopen();
    expect(await readBatch(joined, await joined.uploads.findBatch(batch.batchId))).toBe('abcdef');
  });

  it('replaces a partial chunk by another, and by its whole chunk', async () => {
    const stores = await create();
    const session = newSession({ fileSize: 9 });
    await keep(stores, session, 0, 0, 'old');
    await keep(stores, session, 0, 1, 'newer');
    const reopened = await stores.reopen();
    expect(await readPartials(reopened, await reopened.uploads.findSession(session.id))).toEqual([[0, 1, 'newer']]);
    await save(reopened, session, 0, 'whole', { offset: 0 });
    const { uploads, bytes } = await reopened.reopen();
    const found = await uploads.findSession(session.id);
    expect(found?.partials.size).toBe(0);
    expect(await text(bytes.read(found?.chunks.get(0)?.parts ?? [], 0, 5))).toBe('whole');
  });

  it('keeps the partial chunks that an update names, and removes the others', async () => {
    const stores = await create();
    const session = newSession({ fileSize: 9 });
    const first = await keep(stores, session, 1, 3, 'de');
    const both = await keep(stores, { ...session, partials: first.partials }, 2, 6, 'gh');
    expect(await readPartials(stores, both)).toEqual([
      [1, 3, 'de'],
      [2, 6, 'gh'],
    ]);
    const remaining = new Map([...both.partials].filter(([index]) => index === 2));
    await save(stores, { ...session, partials: remaining }, 0, 'abc', { offset: 0 });
    for (const again of [stores, await stores.reopen()]) {
      expect(await readPartials(again, await again.uploads.findSession(session.id))).toEqual([[2, 6, 'gh']]);
    }
  });

  it('replaces a chunk of several parts', async () => {
    const stores = await create();
    const session = newSession({ fileSize: 9 });
    const { partials } = await keep(stores, session, 0, 0, 'ab');
    await complete(stores, session, 0, 'c', partials.get(0));
    await save(stores, session, 0, 'xy', { offset: 0 });
    const { uploads, bytes } = await stores.reopen();
    const chunk = (await uploads.findSession(session.id))?.chunks.get(0);
    expect(chunk?.parts).toHaveLength(1);
    expect(await text(bytes.read(chunk?.parts ?? [], 0, 2))).toBe('xy');
  });

  it('replaces the session of a key by a partial chunk of a new one', async () => {
    const stores = await create();
    const [previous, next] = [newSession({ key: 'k' }), newSession({ key: 'k', generation: 1 })];
    await save(stores, previous, 0, 'a');
    await keep(stores, next, 0, 0, 'b');
    for (const { uploads } of [stores, await stores.reopen()]) {
      expect(await uploads.findSession(previous.id)).toBeUndefined();
      expect((await uploads.findSessionByKey('ada', 'k'))?.id).toBe(next.id);
    }
  });

  it('keeps the list of many files beside partial chunks', async () => {
    const stores = await create();
    const session = newSession({ key: 'k', fileSize: 9, fileCount: 2 });
    await keep(stores, session, 1, 3, 'de');
    expect((await stores.uploads.findSession(session.id))?.fileList).toBeNull();
    const reopened = await stores.reopen();
    const found = await reopened.uploads.findSession(session.id);
    expect(found).toMatchObject({ fileCount: 2, fileList: null });
    await saveWithList(reopened, { ...session, partials: found?.partials ?? new Map() }, 'list');
    await keep(reopened, session, 2, 6, 'gh');
    for (const again of [reopened, await reopened.reopen()]) {
      const { fileList, chunks, partials } = (await again.uploads.findSession(session.id)) ?? {};
      expect([fileList?.fileCount, chunks?.size, partials?.size]).toEqual([2, 1, 1]);
      expect(await text(again.bytes.read(fileList ? [fileList] : [], 0, 9))).toBe('list');
    }
  });

  it('counts the list of many files beside partial chunks', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxBytes: 9 };
    const session = newSession({ fileCount: 2 });
    await saveWithList(stores, session, 'list');
    await keep(stores, session, 1, 3, 'de');
    for (const again of [stores, await stores.reopen()]) {
      await expect(save(again, newSession(), 0, 'x', { limits })).rejects.toMatchObject({ quota: 'bytes' });
      await save(again, newSession({ id: 'fits' }), 0, 'x', { limits: { ...limits, maxBytes: 10 } });
      await again.uploads.deleteSession('fits');
    }
  });

  it('counts partial chunks of a session', async () => {
    const stores = await create();
    const limits = { ...LIMITS, maxBytes: 4 };
    const session = newSession();
    await keep(stores, session, 0, 0, 'abc', undefined, limits);
    await expect(save(stores, newSession(), 0, 'de', { limits })).rejects.toMatchObject({ quota: 'bytes' });
    const reopened = await stores.reopen();
    await expect(save(reopened, newSession(), 0, 'de', { limits })).rejects.toMatchObject({ quota: 'bytes' });
    await expect(keep(reopened, newSession(), 0, 0, 'de', undefined, limits)).rejects.toMatchObject({ quota: 'bytes' });
    await reopened.uploads.deleteSession(session.id);
    await save(reopened, newSession(), 0, 'de', { limits });
  });
}

/** Keeps bytes, after those of a partial chunk that they continue. */
async function keep(
  { uploads, bytes }: Stores,
  session: Parameters<Stores['uploads']['savePartials']>[0]['session'],
  index: number,
  offset: number,
  content: string,
  before?: PartialChunk,
  limits = LIMITS,
): Promise<Session> {
  const partial = extend(before, offset, await receive(bytes, content));
  const partials = new Map(session.partials).set(index, partial);
  return uploads.savePartials({ session: { ...session, partials }, limits });
}

/** Saves chunk 0 with the list that came with it. */
async function saveWithList(
  { uploads, bytes }: Stores,
  session: Parameters<Stores['uploads']['saveChunk']>[0]['session'],
  list: string,
): Promise<Session> {
  const chunk = extend(undefined, 0, await receive(bytes, 'abc'));
  const fileList = { ...(await receive(bytes, list)), fileCount: 2, hasDigests: false };
  return uploads.saveChunk({ session, index: 0, chunk, fileList, limits: LIMITS });
}

async function complete(
  { uploads, bytes }: Stores,
  session: Parameters<Stores['uploads']['savePartials']>[0]['session'],
  index: number,
  content: string,
  before: PartialChunk | undefined,
): Promise<Session> {
  const chunk = extend(before, 0, await receive(bytes, content));
  return uploads.saveChunk({ session, index, chunk, limits: LIMITS });
}

function extend(before: PartialChunk | undefined, offset: number, part: PartialChunk['parts'][number]): PartialChunk {
  if (!before) return { parts: [part], offset, sizeBytes: part.sizeBytes };
  return { ...before, parts: [...before.parts, part], sizeBytes: before.sizeBytes + part.sizeBytes };
}

/** The index, the offset and the bytes of each partial chunk. */
async function readPartials({ bytes }: Stores, session: Session | undefined): Promise<[number, number, string][]> {
  const read = [...(session?.partials ?? [])].map(async ([index, partial]): Promise<[number, number, string]> => {
    return [index, partial.offset, await text(bytes.read(partial.parts, 0, partial.sizeBytes))];
  });
  return (await Promise.all(read)).sort(([a], [b]) => a - b);
}
