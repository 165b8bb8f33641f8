import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { PIECE_BYTES } from '../../../../src/shared/staging/pieces.ts';
import { stageSharedFiles } from '../../../../sw/background/share.ts';
import { DriverFixture } from '../driver-fixture.ts';

/** A request of the share target with files of these sizes, in bytes. */
function createShare(...sizes: number[]): Request {
  const body = new FormData();
  for (const size of sizes) body.append('files', new File([new Uint8Array(size)], `${size}.bin`));
  return new Request('/share', { method: 'POST', body });
}

describe('stageSharedFiles', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await fixture.close();
  });

  it('removes a file that cannot be staged, and accepts it when shared again', async () => {
    const { db } = fixture;
    const { putPieces } = UploadsDb.prototype;
    vi.spyOn(db, 'putPieces').mockImplementation((id, n, pieces, step) => {
      if (n > 0) return Promise.reject(new DOMException('The disk is full.', 'QuotaExceededError'));
      return putPieces.call(db, id, n, pieces, step);
    });
    const changed: string[] = [];
    const staging = stageSharedFiles(db, createShare(1, PIECE_BYTES + 1), (id) => changed.push(id));
    await expect(staging).rejects.toMatchObject({ code: 'storage_full' });
    const [whole, ...others] = await db.list('ada');
    expect(others).toEqual([]);
    expect(whole).toMatchObject({ sizeBytes: 1, status: 'queued' });
    const partialId = changed.at(-1) ?? '';
    expect(partialId).not.toBe(whole?.id);
    expect(await db.pieces(partialId, 0, 2)).toEqual([]);
    vi.restoreAllMocks();
    expect(await stageSharedFiles(db, createShare(PIECE_BYTES + 1), () => undefined)).toBe('/?share=1&again=');
  });

  it('queues nothing for shared text without files', async () => {
    expect(await stageSharedFiles(fixture.db, createShare(), () => undefined)).toBe('/?share=nothing');
    expect(await fixture.db.list('ada')).toEqual([]);
  });
});
