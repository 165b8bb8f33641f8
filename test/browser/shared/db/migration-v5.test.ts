import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { getByteRange, getStagedFiles } from '../../../../src/shared/staging/staged-bytes.ts';
import type { Upload } from '../../../../src/shared/upload.ts';

const MIB = 1024 * 1024;

/** The stores and indexes as the app made them at version 4. */
function openVersion4(name: string): Promise<IDBPDatabase> {
  return openDB(name, 4, {
    upgrade(database) {
      const uploads = database.createObjectStore('uploads', { keyPath: 'id' });
      uploads.createIndex('owner', ['ownerId', 'rank']);
      uploads.createIndex('status', ['ownerId', 'status']);
      database.createObjectStore('pieces');
      database.createObjectStore('receipts', { keyPath: ['uploadId', 'generation', 'index'] });
      database.createObjectStore('settings');
    },
  });
}

/** A record as version 4 stored it. */
function createRecord(id: string, rank: number, sizes: readonly number[], stagedBytes: number) {
  return {
    id,
    ownerId: 'ada',
    metadata: { upload_type: 'images', task_id: 't' },
    files: sizes.map((sizeBytes, n) => ({ name: `${n}.jpg`, type: 'image/jpeg', sizeBytes, modifiedAt: n })),
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    stagedBytes,
    queuedAt: 1,
    rank,
    generation: 1,
    plan: { way: 'direct' },
    session: null,
    failures: 0,
    restarted: false,
    mayHaveCompleted: false,
    status: 'queued',
  };
}

const fill = (size: number, n: number) => new Blob([new Uint8Array(size).fill(n)]);
/** A file of two pieces, an empty one, and 40 small ones. */
const SIZES = [9 * MIB, 0, ...Array.from({ length: 40 }, (_, n) => 10 + n)];
const TOTAL = SIZES.reduce((sum, size) => sum + size, 0);

describe('a database of version 4', () => {
  let name: string;
  let db: UploadsDb;

  beforeEach(async () => {
    name = `test ${crypto.randomUUID()}`;
    const old = await openVersion4(name);
    await old.put('uploads', createRecord('batch', 1, SIZES, TOTAL));
    await old.put('uploads', { ...createRecord('single', 2, [3], 3), status: 'paused' });
    await old.put('uploads', { ...createRecord('unknown', 3, [3], 3), status: 'archived' });
    const slices = SIZES.flatMap((size, n) => (size > 8 * MIB ? [fill(8 * MIB, n), fill(size - 8 * MIB, n)] : []));
    const small = SIZES.flatMap((size, n) => (size > 0 && size < MIB ? [fill(size, n)] : []));
    for (const [n, piece] of [...slices, ...small].entries()) await old.put('pieces', piece, ['batch', n]);
    await old.put('receipts', { uploadId: 'single', generation: 1, index: 0, sizeBytes: 2 });
    await old.put('settings', 'ada', 'lastUserId');
    old.close();
    db = await UploadsDb.open(name);
  });

  afterEach(async () => {
    db.close();
    await deleteDB(name);
  });

  it('keeps few files in the record and all of them in the list', async () => {
    const batch = (await db.get('batch')) as Upload;
    expect(batch.fileCount).toBe(42);
    expect(batch.files.length).toBeLessThan(42);
    const files = await db.listFiles(batch);
    expect(files.map(({ sizeBytes }) => sizeBytes)).toEqual(SIZES);
    expect(files[41]).toEqual({ name: '41.jpg', type: 'image/jpeg', sizeBytes: 49, modifiedAt: 41 });
  });

  it('sends the pieces of many files, each of which starts with a file', async () => {
    const batch = (await db.get('batch')) as Upload;
    const expected = new Blob(SIZES.map(fill));
    const [a, b] = [await getByteRange(db, batch, 100, TOTAL - 5), expected.slice(100, TOTAL - 5)];
    expect(indexedDB.cmp(await a.arrayBuffer(), await b.arrayBuffer())).toBe(0);
    const files = await getStagedFiles(db, batch);
    expect(files.map(({ name: fileName, size }) => [fileName, size])).toEqual(
      SIZES.map((size, n) => [`${n}.jpg`, size]),
    );
  });

  it('changes nothing else', async () => {
    const { files, fileCount: _, ...single } = (await db.get('single')) as Upload;
    const { files: before, ...rest } = createRecord('single', 2, [3], 3);
    expect([single, files]).toEqual([{ ...rest, status: 'paused' }, before]);
    expect(await db.receipts('single', 1)).toHaveLength(1);
    expect(await db.settings.getLastUserId()).toBe('ada');
    expect((await db.list('ada')).map(({ id }) => id)).toEqual(['batch', 'single']);
  });

  it('removes the list with its upload', async () => {
    const batch = (await db.get('batch')) as Upload;
    await db.remove('batch');
    expect(await db.listFiles(batch)).toEqual([]);
  });
});
