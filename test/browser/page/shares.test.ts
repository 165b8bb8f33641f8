import { describe, expect, it } from 'vitest';
import { createShare, type Share } from '../../../src/shared/share.ts';
import { createUpload } from '../../fixtures/upload.ts';
import { createFile, expectStatus, KB, openTestClient, withClients } from './setup.ts';

const metadata = { upload_type: 'file' };

describe('shares of UploadClient', () => {
  const fixture = withClients();

  async function holdShare(ownerId: string | null, ...sizes: number[]): Promise<Share> {
    const share = createShare(
      sizes.map((size) => createFile(size, `${size}.bin`)),
      '',
      ownerId,
    );
    await fixture.db.shares.add(share);
    return share;
  }

  it('queues and stages the chosen files of a confirmed share, then drops it', async () => {
    const { client, userId } = await fixture.signIn();
    const share = await holdShare(userId, KB, 2 * KB);
    await client.reload();
    expect(client.list()).toEqual([]);
    expect(client.shares.items).toMatchObject([{ id: share.id }]);
    await client.shares.confirm(share, share.files.slice(1), metadata);
    expect(client.shares.items).toEqual([]);
    const [view] = client.list();
    expect(view).toMatchObject({ sizeBytes: 2 * KB, metadata });
    await expectStatus(client, view?.id ?? '', 'queued');
    await expect.poll(() => fixture.db.shares.list(userId)).toEqual([]);
  });

  it('stages a confirmed share that a closed page has left', async () => {
    const { client, userId } = await fixture.signIn();
    const share = await holdShare(userId, KB);
    client.close();
    const upload = { ...createUpload({ ownerId: userId, sizeBytes: KB }), stagedBytes: 0, status: 'staging' } as const;
    await fixture.db.shares.confirm(share, [upload]);
    const next = await openTestClient();
    fixture.closeAfterTest(next);
    await expectStatus(next, upload.id, 'queued');
    await expect.poll(() => fixture.db.shares.list(userId)).toEqual([]);
  });

  it('shows a share to its user alone, also right after a change of the user', async () => {
    const { client, userId } = await fixture.signIn();
    await holdShare(userId, KB);
    await client.reload();
    const next = client.setCredentials({ userId: crypto.randomUUID(), accessToken: 't' });
    await expect.poll(() => client.userId).not.toBe(userId);
    expect(client.shares.items).toEqual([]);
    await next;
    expect(client.shares.items).toEqual([]);
  });

  it('confirms nothing before a user has signed in', async () => {
    const client = await openTestClient();
    fixture.closeAfterTest(client);
    const share = await holdShare(null, KB);
    await expect(client.shares.confirm(share, share.files, metadata)).rejects.toMatchObject({ code: 'no_token' });
    await client.reload();
    expect(client.shares.items).toMatchObject([{ id: share.id }]);
    await client.shares.discard(share);
    expect(client.shares.items).toEqual([]);
  });

  it('deletes the shares of a user with the whole queue', async () => {
    const { client, userId } = await fixture.signIn();
    await holdShare(userId, KB);
    await client.queue.clear();
    expect(await fixture.db.shares.list(userId)).toEqual([]);
  });
});
