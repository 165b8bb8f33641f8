import { afterEach, describe, expect, it } from 'vitest';
import { createUploadFunctions, MAX_REQUEST_BYTES } from '../../../src/page/index.ts';
import type { ServerProfile } from '../../../src/shared/server-profile.ts';
import { createFile, expectStatus, withClients } from './setup.ts';

const IMAGES = { upload_type: 'images', task_id: 't' };
const UNKNOWN: ServerProfile = { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };
const WITH_LISTS = ['idempotency_key', 'chunk_offset', 'file_size', 'file_list'];

describe('batches of UploadClient', () => {
  const fixture = withClients();

  afterEach(() => setProfile(UNKNOWN));

  async function setProfile(profile: ServerProfile): Promise<void> {
    const endpoint = await fixture.db.settings.getEndpoint();
    if (endpoint) await fixture.db.settings.setServerProfile(endpoint.uploads, profile);
  }

  /** A small file that reports a size over the limit of one request. */
  function createHugeFile(): File {
    return Object.defineProperty(createFile(1), 'size', { value: MAX_REQUEST_BYTES + 1 });
  }

  it('queues images as one upload with the paths of the caller', async () => {
    const { client } = await fixture.signIn();
    const files = [createFile(3, 'a.jpg'), createFile(0, 'b.jpg'), createFile(5, 'c.jpg')];
    const picked = files.map((file) => ({ file, path: `trip/${file.name}` }));
    const [upload, ...others] = await client.add(picked, IMAGES);
    const id = upload?.id ?? '';
    expect([others, upload?.fileCount, upload?.sizeBytes]).toEqual([[], 3, 8]);
    expect((await client.contents.listFiles(id)).map(({ path }) => path)).toEqual(picked.map(({ path }) => path));
    await expectStatus(client, id, 'queued');
    const last = await client.contents.getFile(id, 2);
    expect(indexedDB.cmp(await last?.arrayBuffer(), await files[2]?.arrayBuffer())).toBe(0);
  });

  it('shows a batch of 5,000 files before any of them is staged', async () => {
    const { client } = await fixture.signIn();
    const file = createFile(20);
    const files = Array.from({ length: 5000 }, (_, n) => new File([file], `${n}.jpg`));
    // This lock holds staging back before its first piece.
    await navigator.locks.request('store-pieces', async () => {
      const [upload] = await client.add(files, IMAGES);
      expect(client.list()).toHaveLength(1);
      expect(client.get(upload?.id ?? '')).toMatchObject({ fileCount: 5000, stagedBytes: 0 });
    });
    await expectStatus(client, client.list()[0]?.id ?? '', 'queued');
  });

  it('rejects too many files before it queues them', async () => {
    const { client } = await fixture.signIn();
    const tooMany = new Array<File>(100_001).fill(createFile(0));
    await expect(client.add(tooMany, IMAGES)).rejects.toMatchObject({ code: 'too_many_files' });
    expect(client.list()).toEqual([]);
  });

  it('limits a batch only for a server that is known to lack file lists', async () => {
    const { client } = await fixture.signIn();
    for (const basic of [{ features: [] }, { listsNothing: true }, { rejectsExtraFields: true }]) {
      await setProfile({ ...UNKNOWN, ...basic });
      await expect(client.add(createHugeFile(), IMAGES)).rejects.toMatchObject({ code: 'batch_too_large' });
    }
    expect(client.list()).toEqual([]);
    for (const profile of [UNKNOWN, { ...UNKNOWN, features: WITH_LISTS }]) {
      await setProfile(profile);
      expect(await client.add(createHugeFile(), IMAGES)).toHaveLength(1);
    }
  });

  it('lets uploadImages exceed one request only if the server lists file_list', async () => {
    const { client } = await fixture.signIn();
    const { uploadImages } = createUploadFunctions(client);
    const upload = () => uploadImages([createHugeFile()], 't', null, null, () => undefined);
    await expect(upload()).rejects.toThrow('Batch size too large');
    await setProfile({ ...UNKNOWN, features: WITH_LISTS });
    const settled = upload().catch(() => 'ended');
    await expect.poll(() => client.list()).toHaveLength(1);
    await client.queue.clear();
    expect(await settled).toBe('ended');
  });
});
