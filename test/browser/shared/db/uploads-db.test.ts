import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { isKnown, type Upload, withState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

/** All records as they are stored, unknown states first. */
async function readRecords(name: string): Promise<Upload[]> {
  const raw = await openDB(name);
  const all: Upload[] = await raw.getAll('uploads');
  raw.close();
  return all.sort((a, b) => Number(isKnown(a)) - Number(isKnown(b)));
}

describe('UploadsDb', () => {
  let name: string;
  const open: { close(): void }[] = [];

  beforeEach(() => {
    name = `test ${crypto.randomUUID()}`;
  });

  afterEach(async () => {
    for (const connection of open.splice(0)) connection.close();
    await deleteDB(name);
  });

  async function connect(): Promise<UploadsDb> {
    const db = await UploadsDb.open(name);
    open.push(db);
    return db;
  }

  const readText = (blob: Blob | ArrayBuffer | undefined) => new Response(blob).text();

  it('serializes changes of one record by two connections', async () => {
    const [page, worker] = [await connect(), await connect()];
    const { id } = await page.add(createUpload());
    const count = (before: Upload) => ({ ...before, failures: before.failures + 1 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? page : worker).update(id, count)));
    expect((await worker.get(id))?.failures).toBe(20);
  });

  it('rejects what the transition table forbids, in any order', async () => {
    const [page, worker] = [await connect(), await connect()];
    const { id } = await page.add(createUpload());
    const batch = { batch_id: 'b' };
    await Promise.all([
      worker.updateAndDeleteBytes(id, (before) => withState(before, { status: 'completed', batch, completedAt: 1 })),
      page.update(id, (before) => withState(before, { status: 'cancelled', cancelledAt: 1 })),
    ]);
    expect(await page.get(id)).toMatchObject({ status: 'completed', batch });
  });

  it('closes for a newer version, which finds every record', async () => {
    const db = await connect();
    const { id } = await db.add(createUpload());
    const newer = await openDB(name, 1000);
    open.push(newer);
    expect(await newer.get('uploads', id)).toMatchObject({ id });
    await expect(db.get(id)).rejects.toThrow();
    expect(await db.terminated).toMatchObject({ code: 'newer_version' });
    newer.close();
    await expect(UploadsDb.open(name)).rejects.toMatchObject({ code: 'newer_version' });
  });

  it('separates owners whose ids begin alike', async () => {
    const db = await connect();
    for (const ownerId of ['ada', 'adam', 'ad']) await db.add(createUpload({ ownerId }));
    expect((await db.list('ada')).map(({ ownerId }) => ownerId)).toEqual(['ada']);
  });

  it('leaves records in states of a newer version alone', async () => {
    const db = await connect();
    const known = await db.add(createUpload({ ownerId: 'ada' }));
    const states = [{ status: 'archived' }, { status: 'waiting', wait: { reason: 'weather' } }] as unknown as Upload[];
    for (const state of states) {
      const unknown = await db.add({ ...createUpload({ ownerId: 'ada' }), ...state });
      expect(await db.get(unknown.id)).toBeUndefined();
      const changed = await db.update(unknown.id, (before) =>
        withState(before, { status: 'cancelled', cancelledAt: 1 }),
      );
      expect(changed).toMatchObject(state);
    }
    expect(await db.list('ada')).toEqual([known]);
    expect(
      await db.updateAll('ada', ['queued', 'waiting'], (before) => withState(before, { status: 'paused' })),
    ).toEqual([withState(known, { status: 'paused' })]);
    expect(await db.someByStatus('ada', ['waiting'], () => true)).toBe(false);
    const [unknown] = await readRecords(name);
    const unknownId = unknown?.id ?? '';
    await expect(db.putPieces(unknownId, 0, [new Blob(['abc'])], (before) => before)).rejects.toMatchObject({
      code: 'unknown_upload',
    });
    await db.moveBefore(unknownId, known.id);
    expect((await readRecords(name))[0]).toEqual(unknown);
    expect(await db.removeWhere(() => true)).toEqual([known.id]);
  });

  it('removes all uploads of one user, including unknown states', async () => {
    const db = await connect();
    const [mine, unknown] = [
      createUpload({ sizeBytes: 3 }),
      { ...createUpload(), status: 'archived' } as unknown as Upload,
    ];
    for (const upload of [mine, unknown, createUpload({ ownerId: 'adam' })]) await db.add(upload);
    await db.putPieces(mine.id, 0, [new Blob(['abc'])], (before) => before);
    await db.removeAllOf('ada');
    expect((await readRecords(name)).map(({ ownerId }) => ownerId)).toEqual(['adam']);
    expect(await db.pieces(mine.id, 0, 1)).toEqual([]);
  });

  it('searches beyond the sample', async () => {
    const db = await connect();
    for (let n = 0; n < 20; n++) await db.add(createUpload({ failures: n }));
    for (const n of [0, 19])
      expect(await db.someByStatus('ada', ['queued'], ({ failures }) => failures === n)).toBe(true);
    expect(await db.someByStatus('ada', ['queued'], ({ failures }) => failures === 20)).toBe(false);
  });

  it("finds and changes only one user's uploads in the given statuses", async () => {
    const db = await connect();
    const [mine, done] = [await db.add(createUpload()), await db.add(createUpload())];
    const foreign = await db.add(createUpload({ ownerId: 'eve' }));
    await db.update(done.id, (before) => withState(before, { status: 'failed', code: 'c', message: 'm', failedAt: 1 }));
    expect((await db.listByStatus('ada', ['queued', 'paused'])).map(({ id }) => id)).toEqual([mine.id]);
    expect(await db.someByStatus('ada', ['paused', 'queued'], ({ id }) => id === mine.id)).toBe(true);
    expect(await db.someByStatus('ada', ['queued'], ({ id }) => id === foreign.id)).toBe(false);
    const pause = (before: Upload) => withState(before, { status: 'paused' });
    expect(await db.updateAll('ada', ['queued', 'uploading'], pause)).toEqual([pause(mine)]);
    expect((await db.get(foreign.id))?.status).toBe('queued');
    expect(await db.someByStatus('ada', ['queued'], () => true)).toBe(false);
  });

  it('deletes the bytes of one upload together with its change', async () => {
    const db = await connect();
    const [mine, other] = [await db.add(createUpload({ sizeBytes: 3 })), await db.add(createUpload({ sizeBytes: 3 }))];
    for (const { id } of [mine, other]) {
      await db.putPieces(id, 0, [new Blob(['abc'])], (before) => before);
      await db.addReceipt({ uploadId: id, generation: 0, index: 0, sizeBytes: 3 }, () => null);
    }
    await db.updateAndDeleteBytes(mine.id, (before) => withState(before, { status: 'cancelled', cancelledAt: 1 }));
    expect(await db.pieces(mine.id, 0, 1)).toEqual([]);
    expect(await db.receipts(mine.id, 0)).toEqual([]);
    expect(await readText((await db.pieces(other.id, 0, 1))[0])).toBe('abc');
    expect(await db.receipts(other.id, 0)).toHaveLength(1);
  });
});

describe('file lists', () => {
  it('reads any part of a long list', async () => {
    const db = await UploadsDb.open(`test ${crypto.randomUUID()}`);
    const list = Array.from({ length: 2500 }, (_, n) => ({ name: `${n}`, type: '', sizeBytes: n, modifiedAt: 0 }));
    const upload = await db.add(createUpload({ files: list.slice(0, 5), fileCount: list.length }), list);
    expect(await db.listFiles(upload)).toEqual(list);
    const ranges = [
      [0, 3],
      [0, 1000],
      [999, 1001],
      [1000, 2000],
      [2400, 9000],
    ] as const;
    for (const [from, to] of ranges) expect(await db.listFiles(upload, from, to)).toEqual(list.slice(from, to));
    expect(await db.listFiles(upload, 2499)).toEqual(list.slice(2499));
    db.close();
  });

  it('keeps the list when the bytes are deleted', async () => {
    const db = await UploadsDb.open(`test ${crypto.randomUUID()}`);
    const list = Array.from({ length: 30 }, (_, n) => ({ name: `${n}`, type: '', sizeBytes: 0, modifiedAt: 0 }));
    const upload = await db.add(createUpload({ files: [], fileCount: list.length }), list);
    await db.updateAndDeleteBytes(upload.id, (before) => ({ ...before, stagedBytes: 0 }));
    expect(await db.listFiles(upload)).toHaveLength(30);
    db.close();
  });
});
