import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpload } from '../../../../src/shared/create-upload.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { toFileInfo } from '../../../../src/shared/file-info.ts';
import { PIECE_BYTES } from '../../../../src/shared/staging/pieces.ts';
import { stage } from '../../../../src/shared/staging/staging.ts';
import { type Upload, withState } from '../../../../src/shared/upload.ts';
import { createFile, createThreePieceFile } from '../../page/setup.ts';

describe('staging', () => {
  let db: UploadsDb;
  const ignore = () => undefined;

  beforeAll(async () => {
    db = await UploadsDb.open();
  });

  afterAll(() => db.close());

  async function queueFiles(...files: File[]): Promise<Upload> {
    const list = files.map(toFileInfo);
    return db.add(createUpload(list, { upload_type: 'file' }, crypto.randomUUID()), list);
  }

  /** Stores only the first piece, like a tab that is closed then. */
  async function interruptAfterFirstPiece(file: File): Promise<Upload> {
    const { id } = await queueFiles(file);
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

  it("stores the file's bytes in pieces, and calls back after each", async () => {
    const file = createThreePieceFile();
    const { id } = await queueFiles(file);
    const calls: number[] = [];
    await stage(db, id, [file], () => calls.push(1));
    await expectStaged(id, file);
    expect(calls).toHaveLength(3);
    expect((await db.get(id))?.status).toBe('queued');
  });

  it('waits once, after the first of several pieces', async () => {
    const file = createThreePieceFile();
    const { id } = await queueFiles(file);
    const stagedBytes: (number | undefined)[] = [];
    await stage(db, id, [file], ignore, async () => {
      stagedBytes.push((await db.get(id))?.stagedBytes);
    });
    expect(stagedBytes).toEqual([PIECE_BYTES]);
    await expectStaged(id, file);
  });

  it('stages many files in the pieces of their concatenation', async () => {
    const files = [createFile(5, 'a'), createFile(0, 'empty'), createFile(PIECE_BYTES + 1, 'b'), createFile(7, 'c')];
    const { id } = await queueFiles(...files);
    await stage(db, id, files, ignore);
    await expectStaged(id, ...files);
    const pieces = await db.pieces(id, 0, 1000);
    expect(pieces.map((piece) => new Blob([piece]).size)).toEqual([PIECE_BYTES, 13]);
  });

  it('stages 5,000 small files in a few pieces and transactions', async () => {
    const content = createFile(20_000);
    const files = Array.from({ length: 5000 }, (_, n) => new File([content], `${n}.jpg`));
    const { id } = await queueFiles(...files);
    let transactions = 0;
    await stage(db, id, files, () => transactions++);
    expect((await db.pieces(id, 0, 10_000)).length).toBe(Math.ceil(100_000_000 / PIECE_BYTES));
    expect(transactions).toBeLessThan(12);
    const upload = await db.get(id);
    expect(upload).toMatchObject({ status: 'queued', fileCount: 5000, stagedBytes: 100_000_000 });
    expect(upload?.files.length).toBeLessThan(100);
  });

  it('makes many empty files ready at once', async () => {
    const files = [createFile(0, 'a'), createFile(0, 'b')];
    const { id } = await queueFiles(...files);
    await stage(db, id, files, ignore);
    expect(await db.get(id)).toMatchObject({ status: 'queued', stagedBytes: 0, fileCount: 2 });
  });

  it('makes an empty file ready at once', async () => {
    const { id } = await queueFiles(createFile(0));
    await stage(db, id, [createFile(0)], ignore);
    expect(await db.get(id)).toMatchObject({ status: 'queued', stagedBytes: 0 });
  });

  it('continues after the last stored piece when it was interrupted', async () => {
    const file = createThreePieceFile();
    const { id } = await interruptAfterFirstPiece(file);
    const calls: number[] = [];
    await stage(db, id, [file], () => calls.push(1));
    await expectStaged(id, file);
    expect(calls).toHaveLength(2);
    expect((await db.get(id))?.status).toBe('queued');
  });

  it('stages a file once that two tabs were given', async () => {
    const file = createThreePieceFile();
    const { id } = await queueFiles(file);
    await Promise.all([stage(db, id, [file], ignore), stage(db, id, [file], ignore)]);
    await expectStaged(id, file);
  });

  it('leaves a paused upload paused', async () => {
    const file = createThreePieceFile();
    const { id } = await queueFiles(file);
    await db.update(id, (before) => withState(before, { status: 'paused' }));
    await stage(db, id, [file], ignore);
    await expectStaged(id, file);
    expect((await db.get(id))?.status).toBe('paused');
  });

  it('ends when the upload is removed or cancelled meanwhile', async () => {
    const file = createThreePieceFile();
    const [removed, cancelled] = [await queueFiles(file), await queueFiles(file)];
    await expect(stage(db, removed.id, [file], () => void db.remove(removed.id))).rejects.toMatchObject({
      code: 'unknown_upload',
    });
    expect(await db.pieces(removed.id, 0, 1000)).toEqual([]);
    const cancel = () =>
      void db.update(cancelled.id, (before) => withState(before, { status: 'cancelled', cancelledAt: 1 }));
    await expect(stage(db, cancelled.id, [file], cancel)).rejects.toMatchObject({ code: 'unknown_upload' });
  });

  it('leaves no hole when the worker has reset the staged bytes', async () => {
    const file = createThreePieceFile();
    const { id } = await queueFiles(file);
    const reset = () => void db.update(id, (before) => ({ ...before, stagedBytes: 0 }));
    await expect(stage(db, id, [file], reset)).rejects.toMatchObject({ code: 'unknown_upload' });
    expect((await db.get(id))?.stagedBytes).toBe(0);
  });

  /** The database of an engine that refuses Blobs. */
  function withoutBlobs(): UploadsDb {
    const refusing = Object.create(db) as UploadsDb;
    refusing.get = (id) => db.get(id);
    refusing.putPieces = (id, n, pieces, step) => {
      if (pieces.some((piece) => piece instanceof Blob)) throw new DOMException('No Blobs here.', 'DataCloneError');
      return db.putPieces(id, n, pieces, step);
    };
    return refusing;
  }

  it('stores ArrayBuffers in engines that refuse Blobs', async () => {
    const file = createThreePieceFile();
    const { id } = await queueFiles(file);
    await stage(withoutBlobs(), id, [file], ignore);
    await expectStaged(id, file);
    for (const piece of await db.pieces(id, 0, 3)) expect(piece).toBeInstanceOf(ArrayBuffer);
  });

  it('names the unreadable file, with the reason as the cause', async () => {
    const file = createFile(5, 'gone.bin');
    file.slice = () =>
      Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) });
    const { id } = await queueFiles(file);
    const cause = expect.objectContaining({ name: 'NotReadableError' });
    const error = { code: 'unreadable_file', message: expect.stringContaining('gone.bin'), cause };
    await expect(stage(withoutBlobs(), id, [file], ignore)).rejects.toMatchObject(error);
  });

  it('names the unreadable one of many files that share a piece', async () => {
    const gone = createFile(5, 'gone.bin');
    gone.slice = () =>
      Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) });
    const files = [createFile(5, 'here.bin'), gone];
    const { id } = await queueFiles(...files);
    const failing = withoutBlobs();
    failing.putPieces = () => Promise.reject(new DOMException('Failed', 'DataError'));
    const error = { code: 'unreadable_file', message: expect.stringContaining('gone.bin') };
    await expect(stage(failing, id, files, ignore)).rejects.toMatchObject(error);
  });

  it('reports storage_full when a transaction is aborted', async () => {
    const file = createFile(5, 'much.bin');
    const { id } = await queueFiles(file);
    const full = withoutBlobs();
    // The error of a put whose transaction ran out of space.
    full.putPieces = () => Promise.reject(new DOMException('Aborted', 'AbortError'));
    const error = { code: 'storage_full', message: expect.stringContaining('much.bin') };
    await expect(stage(full, id, [file], ignore)).rejects.toMatchObject(error);
  });
});
