import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { isKnown, type Upload, withState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

/** Every record as it is stored, known or not: those that are not known first. */
async function recordsOf(name: string): Promise<Upload[]> {
  const raw = await openDB(name);
  const all: Upload[] = await raw.getAll('uploads');
  raw.close();
  return all.sort((a, b) => Number(isKnown(a)) - Number(isKnown(b)));
}

describe('the database', () => {
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

  const bytesOf = (blob: Blob | ArrayBuffer | undefined) => new Response(blob).text();

  it('shows one connection what another has written, and lets them change a record one after the other', async () => {
    const [page, worker] = [await connect(), await connect()];
    const { id } = await page.add(createUpload());
    const count = (before: Upload) => ({ ...before, failures: before.failures + 1 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? page : worker).update(id, count)));
    expect((await worker.get(id))?.failures).toBe(20);
  });

  it('refuses what the transition table forbids, whoever asks first', async () => {
    const [page, worker] = [await connect(), await connect()];
    const { id } = await page.add(createUpload());
    const batch = { batch_id: 'b' };
    await Promise.all([
      worker.updateAndDeleteBytes(id, (before) => withState(before, { status: 'completed', batch, completedAt: 1 })),
      page.update(id, (before) => withState(before, { status: 'cancelled', cancelledAt: 1 })),
    ]);
    expect(await page.get(id)).toMatchObject({ status: 'completed', batch });
  });

  it('gives way to a newer version, which finds everything', async () => {
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

  it('keeps the uploads of owners apart, also where one name begins with the other', async () => {
    const db = await connect();
    for (const ownerId of ['ada', 'adam', 'ad']) await db.add(createUpload({ ownerId }));
    expect((await db.list('ada')).map(({ ownerId }) => ownerId)).toEqual(['ada']);
  });

  it('leaves alone what a newer version left in a state of its own', async () => {
    const db = await connect();
    const known = await db.add(createUpload({ ownerId: 'ada' }));
    const states = [{ status: 'archived' }, { status: 'waiting', wait: { reason: 'weather' } }] as unknown as Upload[];
    for (const state of states) {
      const strange = await db.add({ ...createUpload({ ownerId: 'ada' }), ...state });
      expect(await db.get(strange.id)).toBeUndefined();
      const changed = await db.update(strange.id, (before) =>
        withState(before, { status: 'cancelled', cancelledAt: 1 }),
      );
      expect(changed).toMatchObject(state);
    }
    expect(await db.list('ada')).toEqual([known]);
    expect(
      await db.updateAll('ada', ['queued', 'waiting'], (before) => withState(before, { status: 'paused' })),
    ).toEqual([withState(known, { status: 'paused' })]);
    expect(await db.someByStatus('ada', ['waiting'], () => true)).toBe(false);
    const [strange] = await recordsOf(name);
    const stranger = strange?.id ?? '';
    await expect(db.putPieces(stranger, 0, [new Blob(['abc'])], (before) => before)).rejects.toMatchObject({
      code: 'unknown_upload',
    });
    await db.moveBefore(stranger, known.id);
    expect((await recordsOf(name))[0]).toEqual(strange);
    expect(await db.removeWhere(() => true)).toEqual([known.id]);
  });

  it('forgets everything of one user, also what is not known here, and nothing of another', async () => {
    const db = await connect();
    const [mine, strange] = [
      createUpload({ sizeBytes: 3 }),
      { ...createUpload(), status: 'archived' } as unknown as Upload,
    ];
    for (const upload of [mine, strange, createUpload({ ownerId: 'adam' })]) await db.add(upload);
    await db.putPieces(mine.id, 0, [new Blob(['abc'])], (before) => before);
    await db.removeAllOf('ada');
    expect((await recordsOf(name)).map(({ ownerId }) => ownerId)).toEqual(['adam']);
    expect(await db.pieces(mine.id, 0, 1)).toEqual([]);
  });

  it('asks all of many whether there is one', async () => {
    const db = await connect();
    for (let n = 0; n < 20; n++) await db.add(createUpload({ failures: n }));
    for (const n of [0, 19])
      expect(await db.someByStatus('ada', ['queued'], ({ failures }) => failures === n)).toBe(true);
    expect(await db.someByStatus('ada', ['queued'], ({ failures }) => failures === 20)).toBe(false);
  });

  it('finds the uploads at some statuses without those of others, and changes no more than these', async () => {
    const db = await connect();
    const [mine, done] = [await db.add(createUpload()), await db.add(createUpload())];
    const hers = await db.add(createUpload({ ownerId: 'eve' }));
    await db.update(done.id, (before) => withState(before, { status: 'failed', code: 'c', message: 'm', failedAt: 1 }));
    expect((await db.listByStatus('ada', ['queued', 'paused'])).map(({ id }) => id)).toEqual([mine.id]);
    expect(await db.someByStatus('ada', ['paused', 'queued'], ({ id }) => id === mine.id)).toBe(true);
    expect(await db.someByStatus('ada', ['queued'], ({ id }) => id === hers.id)).toBe(false);
    const pause = (before: Upload) => withState(before, { status: 'paused' });
    expect(await db.updateAll('ada', ['queued', 'uploading'], pause)).toEqual([pause(mine)]);
    expect((await db.get(hers.id))?.status).toBe('queued');
    expect(await db.someByStatus('ada', ['queued'], () => true)).toBe(false);
  });

  it('frees pieces and receipts with the change that needs them no more, and nobody else’s', async () => {
    const db = await connect();
    const [mine, other] = [await db.add(createUpload({ sizeBytes: 3 })), await db.add(createUpload({ sizeBytes: 3 }))];
    for (const { id } of [mine, other]) {
      await db.putPieces(id, 0, [new Blob(['abc'])], (before) => before);
      await db.addReceipt({ uploadId: id, generation: 0, index: 0, sizeBytes: 3 }, () => null);
    }
    await db.updateAndDeleteBytes(mine.id, (before) => withState(before, { status: 'cancelled', cancelledAt: 1 }));
    expect(await db.pieces(mine.id, 0, 1)).toEqual([]);
    expect(await db.receipts(mine.id, 0)).toEqual([]);
    expect(await bytesOf((await db.pieces(other.id, 0, 1))[0])).toBe('abc');
    expect(await db.receipts(other.id, 0)).toHaveLength(1);
  });
});
