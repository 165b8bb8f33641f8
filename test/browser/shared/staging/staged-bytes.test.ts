import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createUpload } from '../../../../src/shared/create-upload.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { toFileInfo } from '../../../../src/shared/file-info.ts';
import { PIECE_BYTES } from '../../../../src/shared/staging/pieces.ts';
import { findStagedFile, getByteRange, getStagedFiles } from '../../../../src/shared/staging/staged-bytes.ts';
import { stage } from '../../../../src/shared/staging/staging.ts';
import { isStaged, type Upload } from '../../../../src/shared/upload.ts';
import { createFile } from '../../page/setup.ts';

const files = [
  createFile(100, 'a.jpg'),
  createFile(0, 'empty.jpg'),
  createFile(PIECE_BYTES, 'b.jpg'),
  ...Array.from({ length: 30 }, (_, n) => createFile(1000 + n, `${n}.jpg`)),
  createFile(PIECE_BYTES + 7, 'c.jpg'),
];
const all = new Blob(files);

describe.each([
  ['one row of pieces', false],
  ['pieces that start with each file', true],
])('staged bytes in %s', (_, hasPiecesPerFile) => {
  let db: UploadsDb;
  let upload: Upload;

  beforeAll(async () => {
    db = await UploadsDb.open();
    const list = files.map(toFileInfo);
    const created = createUpload(list, { upload_type: 'images' }, crypto.randomUUID());
    const { id } = await db.add({ ...created, ...(hasPiecesPerFile && { hasPiecesPerFile }) }, list);
    await stage(db, id, files, () => undefined);
    upload = (await db.get(id)) as Upload;
  });

  afterAll(() => db.close());

  async function expectEqual(blob: Blob | null, expected: Blob): Promise<void> {
    const [a, b] = await Promise.all([blob?.arrayBuffer(), expected.arrayBuffer()]);
    expect(a && indexedDB.cmp(a, b)).toBe(0);
  }

  it('has as many pieces as its layout asks for', async () => {
    expect(isStaged(upload)).toBe(true);
    expect(await db.pieces(upload.id, 0, 1000)).toHaveLength(hasPiecesPerFile ? 34 : 3);
  });

  it('composes any range, also over the borders of files and pieces', async () => {
    const borders = [0, 50, 100, PIECE_BYTES, PIECE_BYTES + 100, PIECE_BYTES + 1150, 2 * PIECE_BYTES, all.size];
    for (const [i, start] of borders.entries()) {
      for (const end of borders.slice(i))
        await expectEqual(await getByteRange(db, upload, start, end), all.slice(start, end));
    }
  });

  it('returns each file with its bytes, name and type', async () => {
    const staged = await getStagedFiles(db, upload);
    expect(staged.map(({ name, type, size }) => [name, type, size])).toEqual(
      files.map(({ name, type, size }) => [name, type, size]),
    );
    for (const n of [0, 1, 2, 20, 33]) {
      await expectEqual(staged[n] ?? null, files[n] ?? new Blob());
      await expectEqual(await findStagedFile(db, upload, n), files[n] ?? new Blob());
    }
    expect(await findStagedFile(db, upload, 34)).toBeNull();
  });
});

it('reports bytes that are not staged', async () => {
  const db = await UploadsDb.open();
  const list = files.map(toFileInfo);
  const upload = await db.add(createUpload(list, { upload_type: 'images' }, crypto.randomUUID()), list);
  await expect(getByteRange(db, upload, 0, 1)).rejects.toMatchObject({ code: 'unreadable_file' });
  expect(await findStagedFile(db, upload, 0)).toBeNull();
  db.close();
});

it('reports staged bytes of many files that the browser has lost', async () => {
  const db = await UploadsDb.open();
  const list = files.map(toFileInfo);
  const { id } = await db.add(createUpload(list, { upload_type: 'images' }, crypto.randomUUID()), list);
  await stage(db, id, files, () => undefined);
  // Only reading shows that the file of a Blob is gone.
  const lost = new ReadableStream({ start: (stream) => stream.error(new DOMException('Gone.', 'NotReadableError')) });
  const piece = Object.assign(new Blob([new Uint8Array(PIECE_BYTES)]), { stream: () => lost });
  vi.spyOn(db, 'pieces').mockResolvedValue([piece]);
  const upload = (await db.get(id)) as Upload;
  await expect(getByteRange(db, upload, 0, 1)).rejects.toMatchObject({ code: 'unreadable_file' });
  db.close();
});
