import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { PIECE_BYTES } from '../../../../src/shared/staging/pieces.ts';
import { stageSharedFiles } from '../../../../sw/background/share.ts';
import { DriverFixture } from '../driver-fixture.ts';

/** Another app's share of files of so many bytes. */
function aShare(...sizes: number[]): Request {
  const body = new FormData();
  for (const size of sizes) body.append('files', new File([new Uint8Array(size)], `${size}.bin`));
  return new Request('/share', { method: 'POST', body });
}

describe('a share', () => {
  let desk: DriverFixture;

  beforeEach(async () => {
    desk = await DriverFixture.open();
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await desk.close();
  });

  it('leaves nothing of a file that could not be copied to its end, and takes it when it is shared again', async () => {
    const { db } = desk;
    const { putPieces } = UploadsDb.prototype;
    vi.spyOn(db, 'putPieces').mockImplementation((id, n, pieces, step) => {
      if (n > 0) return Promise.reject(new DOMException('The disk is full.', 'QuotaExceededError'));
      return putPieces.call(db, id, n, pieces, step);
    });
    const told: string[] = [];
    const taking = stageSharedFiles(db, aShare(1, PIECE_BYTES + 1), (id) => told.push(id));
    await expect(taking).rejects.toMatchObject({ code: 'storage_full' });
    const [whole, ...others] = await db.list('ada');
    expect(others).toEqual([]);
    expect(whole).toMatchObject({ sizeBytes: 1, status: 'queued' });
    const half = told.at(-1) ?? '';
    expect(half).not.toBe(whole?.id);
    expect(await db.pieces(half, 0, 2)).toEqual([]);
    vi.restoreAllMocks();
    expect(await stageSharedFiles(db, aShare(PIECE_BYTES + 1), () => undefined)).toBe('/?share=1&again=');
  });

  it('of words alone is not counted as files', async () => {
    expect(await stageSharedFiles(desk.db, aShare(), () => undefined)).toBe('/?share=nothing');
    expect(await desk.db.list('ada')).toEqual([]);
  });
});
