import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpload } from '../../../../src/shared/create-upload.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { PIECE_BYTES } from '../../../../src/shared/staging/pieces.ts';
import { matchChosenFiles, stage } from '../../../../src/shared/staging/staging.ts';
import { type Upload, withState } from '../../../../src/shared/upload.ts';
import { createFile, createThreePieceFile } from '../../page/setup.ts';

describe('staging', () => {
  let db: UploadsDb;
  const nobody = () => undefined;

  beforeAll(async () => {
    db = await UploadsDb.open();
  });

  afterAll(() => db.close());

  async function queued(...files: File[]): Promise<Upload> {
    const upload = createUpload(files, { upload_type: 'file' }, crypto.randomUUID());
    await db.add(upload);
    return upload;
  }

  /** Stores the first piece and no more, as a tab does that is closed then. */
  async function cutOff(file: File): Promise<Upload> {
    const { id } = await queued(file);
    return db.putPieces(id, 0, [file.slice(0, PIECE_BYTES)], (before) =>
      withState(before, { status: 'waiting', wait: { reason: 'file' } }, { stagedBytes: PIECE_BYTES }),
    );
  }

  async function expectStaged(id: string, ...files: File[]): Promise<void> {
    const [staged, picked] = await Promise.all([
      new Blob(await db.pieces(id, 0, 1000)).arrayBuffer(),
      new Blob(files).arrayBuffer(),
    ]);
    expect(indexedDB.cmp(staged, picked)).toBe(0);
    expect((await db.get(id))?.stagedBytes).toBe(picked.byteLength);
  }

  it('copies a file in pieces that are its bytes, telling after each', async () => {
    const file = createThreePieceFile();
    const { id } = await queued(file);
    const told: number[] = [];
    await stage(db, id, [file], () => told.push(1));
    await expectStaged(id, file);
    expect(told).toHaveLength(3);
    expect((await db.get(id))?.status).toBe('queued');
  });

  it('waits once, behind the first of several pieces', async () => {
    const file = createThreePieceFile();
    const { id } = await queued(file);
    const stagedBytes: (number | undefined)[] = [];
    await stage(db, id, [file], nobody, async () => {
      stagedBytes.push((await db.get(id))?.stagedBytes);
    });
    expect(stagedBytes).toEqual([PIECE_BYTES]);
    await expectStaged(id, file);
  });

  it('copies the files of one upload one after the other', async () => {
    const files = [createFile(5, 'a'), createFile(0, 'empty'), createFile(PIECE_BYTES + 1, 'b')];
    const { id } = await queued(...files);
    await stage(db, id, files, nobody);
    await expectStaged(id, ...files);
  });

  it('has an empty file ready at once', async () => {
    const { id } = await queued(createFile(0));
    await stage(db, id, [createFile(0)], nobody);
    expect(await db.get(id)).toMatchObject({ status: 'queued', stagedBytes: 0 });
  });

  it('goes on behind the last piece when it was cut off', async () => {
    const file = createThreePieceFile();
    const { id } = await cutOff(file);
    const told: number[] = [];
    await stage(db, id, [file], () => told.push(1));
    await expectStaged(id, file);
    expect(told).toHaveLength(2);
    expect((await db.get(id))?.status).toBe('queued');
  });

  it('copies once what two tabs were given', async () => {
    const file = createThreePieceFile();
    const { id } = await queued(file);
    await Promise.all([stage(db, id, [file], nobody), stage(db, id, [file], nobody)]);
    await expectStaged(id, file);
  });

  it('leaves a paused upload paused', async () => {
    const file = createThreePieceFile();
    const { id } = await queued(file);
    await db.update(id, (before) => withState(before, { status: 'paused' }));
    await stage(db, id, [file], nobody);
    await expectStaged(id, file);
    expect((await db.get(id))?.status).toBe('paused');
  });

  it('ends when the upload is removed or cancelled in the middle', async () => {
    const file = createThreePieceFile();
    const [removed, cancelled] = [await queued(file), await queued(file)];
    await expect(stage(db, removed.id, [file], () => void db.remove(removed.id))).rejects.toMatchObject({
      code: 'unknown_upload',
    });
    expect(await db.pieces(removed.id, 0, 1000)).toEqual([]);
    const cancel = () =>
      void db.update(cancelled.id, (before) => withState(before, { status: 'cancelled', cancelledAt: 1 }));
    await expect(stage(db, cancelled.id, [file], cancel)).rejects.toMatchObject({ code: 'unknown_upload' });
  });

  it('leaves no hole when the worker has set the count back', async () => {
    const file = createThreePieceFile();
    const { id } = await queued(file);
    const reset = () => void db.update(id, (before) => ({ ...before, stagedBytes: 0 }));
    await expect(stage(db, id, [file], reset)).rejects.toMatchObject({ code: 'unknown_upload' });
    expect((await db.get(id))?.stagedBytes).toBe(0);
  });

  /** The database of an engine that takes no Blobs. */
  function blobless(): UploadsDb {
    const refusing = Object.create(db) as UploadsDb;
    refusing.get = (id) => db.get(id);
    refusing.putPieces = (id, n, pieces, step) => {
      if (pieces.some((piece) => piece instanceof Blob)) throw new DOMException('No Blobs here.', 'DataCloneError');
      return db.putPieces(id, n, pieces, step);
    };
    return refusing;
  }

  it('stores the bytes themselves where the engine refuses Blobs', async () => {
    const file = createThreePieceFile();
    const { id } = await queued(file);
    await stage(blobless(), id, [file], nobody);
    await expectStaged(id, file);
    for (const piece of await db.pieces(id, 0, 3)) expect(piece).toBeInstanceOf(ArrayBuffer);
  });

  it('says which file cannot be read, and why', async () => {
    const file = createFile(5, 'gone.bin');
    file.slice = () =>
      Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) });
    const { id } = await queued(file);
    const cause = expect.objectContaining({ name: 'NotReadableError' });
    const error = { code: 'unreadable_file', message: expect.stringContaining('gone.bin'), cause };
    await expect(stage(blobless(), id, [file], nobody)).rejects.toMatchObject(error);
  });

  it('says that there is no room when the database has none', async () => {
    const file = createFile(5, 'much.bin');
    const { id } = await queued(file);
    const full = blobless();
    // What a put of a transaction says that ran out of room.
    full.putPieces = () => Promise.reject(new DOMException('Aborted', 'AbortError'));
    const error = { code: 'storage_full', message: expect.stringContaining('much.bin') };
    await expect(stage(full, id, [file], nobody)).rejects.toMatchObject(error);
  });

  it('takes the same files again in whatever order they are chosen', async () => {
    const files = [createFile(5, 'a'), createFile(6, 'b'), createFile(5, 'c')];
    const [a, b, c] = files as [File, File, File];
    const upload = await queued(...files);
    expect(await matchChosenFiles(db, upload, [c, b, a])).toEqual(files);
    for (const others of [
      [a, b],
      [a, b, b],
      [a, b, c, new File([c], 'c')],
      [a, b, createFile(5, 'd')],
    ])
      await expect(matchChosenFiles(db, upload, others)).rejects.toMatchObject({ code: 'different_file' });
  });

  it('takes the same file again, and refuses another name, size or content', async () => {
    const file = createThreePieceFile();
    const upload = await cutOff(file);
    await matchChosenFiles(db, upload, [new File([file], file.name, { lastModified: 7 })]);
    const changed = new File([file.slice(0, 100), 'x', file.slice(101)], file.name);
    for (const other of [new File([file], 'b.bin'), new File([file, 'x'], file.name), changed]) {
      await expect(matchChosenFiles(db, upload, [other])).rejects.toMatchObject({ code: 'different_file' });
    }
  });
});
