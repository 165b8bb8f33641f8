import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpload } from '../../../../src/shared/create-upload.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { type PickedFile, toFile, toFileInfo } from '../../../../src/shared/file-info.ts';
import { matchChosenFiles } from '../../../../src/shared/staging/match-files.ts';
import { PIECE_BYTES } from '../../../../src/shared/staging/pieces.ts';
import { stage } from '../../../../src/shared/staging/staging.ts';
import { type Upload, withState } from '../../../../src/shared/upload.ts';
import { createFile, createThreePieceFile } from '../../page/setup.ts';

/** Many enough to differ from random ones. */
const OTHER_BYTES = 'x'.repeat(16);

describe('files that are chosen again', () => {
  let db: UploadsDb;
  const differs = { code: 'different_file' };

  beforeAll(async () => {
    db = await UploadsDb.open();
  });

  afterAll(() => db.close());

  async function queueFiles(...picked: PickedFile[]): Promise<Upload> {
    const list = picked.map(toFileInfo);
    return db.add(createUpload(list, { upload_type: 'file' }, crypto.randomUUID()), list);
  }

  /** Stores only the first piece, like a tab that is closed then. */
  async function interruptAfterFirstPiece(...picked: PickedFile[]): Promise<Upload> {
    const { id } = await queueFiles(...picked);
    const piece = new Blob(picked.map(toFile)).slice(0, PIECE_BYTES);
    return db.putPieces(id, 0, [piece], (before) =>
      withState(before, { status: 'waiting', wait: { reason: 'file' } }, { stagedBytes: PIECE_BYTES }),
    );
  }

  it('accepts the same files again in any order', async () => {
    const files = [createFile(5, 'a'), createFile(6, 'b'), createFile(5, 'c')];
    const [a, b, c] = files as [File, File, File];
    const upload = await queueFiles(...files);
    expect(await matchChosenFiles(db, upload, [c, b, a])).toEqual(files);
    for (const others of [
      [a, b],
      [a, b, b],
      [a, b, c, new File([c], 'c')],
      [a, b, createFile(5, 'd')],
    ])
      await expect(matchChosenFiles(db, upload, others)).rejects.toMatchObject(differs);
  });

  it('accepts the same file again, not another name, size or content', async () => {
    const file = createThreePieceFile();
    const upload = await interruptAfterFirstPiece(file);
    await matchChosenFiles(db, upload, [new File([file], file.name, { lastModified: 7 })]);
    const changed = new File([file.slice(0, 100), OTHER_BYTES, file.slice(116)], file.name);
    for (const other of [new File([file], 'b.bin'), new File([file, 'x'], file.name), changed]) {
      await expect(matchChosenFiles(db, upload, [other])).rejects.toMatchObject(differs);
    }
  });

  it('continues many files in the middle of one, and detects a changed one', async () => {
    const files = [createFile(100, 'a'), createFile(0, 'empty'), createFile(2 * PIECE_BYTES, 'b'), createFile(9, 'c')];
    const [a, empty, b, c] = files as [File, File, File, File];
    const upload = await interruptAfterFirstPiece(...files);
    const changed = new File([OTHER_BYTES, a.slice(16)], a.name);
    await expect(matchChosenFiles(db, upload, [changed, empty, b, c])).rejects.toMatchObject(differs);
    const matched = await matchChosenFiles(db, upload, [c, empty, b, a]);
    await stage(db, upload.id, matched, () => undefined);
    const [staged, picked] = await Promise.all([
      new Blob(await db.pieces(upload.id, 0, 10)).arrayBuffer(),
      new Blob(files).arrayBuffer(),
    ]);
    expect(indexedDB.cmp(staged, picked)).toBe(0);
  });

  it('tells files of one name and size apart by their paths', async () => {
    const [first, second] = [createFile(5, 'a'), createFile(5, 'a')];
    const upload = await queueFiles({ file: first, path: 'x/a' }, { file: second, path: 'y/a' });
    const chosen = [
      { file: second, path: 'y/a' },
      { file: first, path: 'x/a' },
    ];
    expect(await matchChosenFiles(db, upload, chosen)).toEqual([first, second]);
    // Without paths the order of the choice counts.
    expect(await matchChosenFiles(db, upload, [first, second])).toEqual([first, second]);
  });

  it('ignores other files of a folder that is chosen again', async () => {
    const [kept, other] = [createFile(5, 'a'), createFile(6, 'b')];
    const upload = await queueFiles({ file: kept, path: 'x/a' });
    const folder = [
      { file: other, path: 'x/b' },
      { file: kept, path: 'x/a' },
    ];
    expect(await matchChosenFiles(db, upload, folder)).toEqual([kept]);
  });
});
