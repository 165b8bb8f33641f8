import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { createShare, type Share } from '../../../../src/shared/share.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const HOUR_MS = 60 * 60_000;
const file = (name = 'a.txt') => new File(['bytes'], name);
const files = (count: number) => Array.from({ length: count }, (_, n) => file(`${n}.txt`));
const share = (facts: Partial<Share> = {}): Share => ({ ...createShare([file()], 'words', 'ada'), ...facts });

describe('SharesStore', () => {
  let name: string;
  let db: UploadsDb;

  beforeEach(async () => {
    name = `test ${crypto.randomUUID()}`;
    db = await UploadsDb.open(name);
  });

  afterEach(async () => {
    db.close();
    await deleteDB(name);
  });

  it('lists the shares of a user and those without one, latest first', async () => {
    const now = Date.now();
    const [first, other, free] = [
      share({ receivedAt: now - 2 }),
      share({ ownerId: 'bob', receivedAt: now - 1 }),
      share({ ownerId: null, receivedAt: now }),
    ];
    for (const each of [first, other, free]) expect(await db.shares.add(each)).toBe(true);
    const ids = async (ownerId: string | null) => (await db.shares.list(ownerId)).map(({ id }) => id);
    expect(await ids('ada')).toEqual([free.id, first.id]);
    expect(await ids(null)).toEqual([free.id]);
    const [, stored] = await db.shares.list('ada');
    expect(await stored?.files[0]?.text()).toBe('bytes');
  });

  it('refuses a share beyond the limit of shares, files or bytes', async () => {
    expect(await db.shares.add(share({ files: files(501) }))).toBe(false);
    const huge = Object.defineProperty(file(), 'size', { value: 2 * 1024 ** 3 + 1 });
    expect(await db.shares.add(share({ files: [huge] }))).toBe(false);
    expect(await db.shares.list('ada')).toEqual([]);
    for (let n = 0; n < 10; n++) expect(await db.shares.add(share({ ownerId: n % 2 ? 'ada' : null }))).toBe(true);
    expect(await db.shares.add(share())).toBe(false);
    expect(await db.shares.list('ada')).toHaveLength(10);
  });

  it('removes shares that were not confirmed within a day', async () => {
    const now = Date.now();
    const fresh = share({ receivedAt: now - 23 * HOUR_MS });
    const confirmed = share({ receivedAt: now - 25 * HOUR_MS, uploadIds: ['u'] });
    const ahead = share({ receivedAt: now + 25 * HOUR_MS });
    for (const each of [fresh, confirmed, ahead, share({ receivedAt: now - 25 * HOUR_MS })]) await db.shares.add(each);
    const ids = (await db.shares.list('ada')).map(({ id }) => id);
    expect(ids).toEqual([fresh.id, confirmed.id]);
  });

  it('turns a share into uploads once, at the end of the queue', async () => {
    const { id: firstId } = await db.add(createUpload());
    const held = share({ ownerId: null, files: files(2) });
    await db.shares.add(held);
    const chosen = { ...held, ownerId: 'ada', files: held.files.slice(1) };
    const upload = createUpload();
    await db.shares.confirm(chosen, [upload]);
    await db.shares.confirm({ ...held, ownerId: 'ada' }, [createUpload(), createUpload()]);
    expect((await db.list('ada')).map(({ id }) => id)).toEqual([firstId, upload.id]);
    expect(await db.shares.list('bob')).toEqual([]);
    expect(await db.shares.list('ada')).toMatchObject([{ id: held.id, uploadIds: [upload.id] }]);
    await db.shares.remove(held.id);
    await db.shares.confirm(chosen, [createUpload()]);
    expect(await db.list('ada')).toHaveLength(2);
  });

  it('removes the shares of one user', async () => {
    const [own, other, free] = [share(), share({ ownerId: 'bob' }), share({ ownerId: null })];
    for (const each of [own, other, free]) await db.shares.add(each);
    await db.shares.removeAllOf('ada');
    expect((await db.shares.list('bob')).map(({ id }) => id).sort()).toEqual([other.id, free.id].sort());
    expect(await db.shares.list('ada')).toMatchObject([{ id: free.id }]);
  });
});
