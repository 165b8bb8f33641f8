import { describe, expect, it, vi } from 'vitest';
import { type Upload, withState } from '../../../src/shared/upload.ts';
import {
  changeAsWorker,
  completedStep,
  createFile,
  dispatchNotice,
  expectStatus,
  KB,
  openTestClient,
  withClients,
} from './setup.ts';

describe('UploadClient', () => {
  const fixture = withClients();

  it('restores the progress from the receipts of the current generation', async () => {
    const ownerId = crypto.randomUUID();
    const id = await fixture.storeUpload(ownerId, { status: 'uploading', generation: 1 });
    await fixture.db.replaceReceipts(id, 0, [{ uploadId: id, generation: 0, index: 0, sizeBytes: 9 * KB }]);
    await fixture.db.replaceReceipts(id, 1, [
      { uploadId: id, generation: 1, index: 0, sizeBytes: 4 * KB },
      { uploadId: id, generation: 1, index: 2, sizeBytes: 2 * KB },
    ]);
    const { client } = await fixture.signIn(ownerId);
    const listener = vi.fn();
    client.subscribe(listener);
    expect(listener).toHaveBeenCalledOnce();
    const progress = { chunksTotal: 3, chunksUploaded: 2, bytesUploaded: 6 * KB, bytesTotal: 10 * KB };
    expect(client.get(id)?.progress).toMatchObject(progress);
  });

  it('shows reported progress while sending, and the receipts when paused', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId, { status: 'uploading' });
    await client.reload();
    const chunks = { chunksTotal: 3, chunksUploaded: 1, currentChunk: 1 };
    const bytes = { bytesAcknowledged: 4 * KB, bytesUploaded: 4 * KB, bytesTotal: 10 * KB };
    dispatchNotice({ type: 'progress', progress: { id, ...chunks, ...bytes, rateBytesPerSecond: 7, secondsLeft: 9 } });
    dispatchNotice({ type: 'changed', id });
    await client.reload();
    expect(client.get(id)?.progress).toMatchObject({ bytesUploaded: 4 * KB, rateBytesPerSecond: 7 });
    await client.pause(id);
    expect(client.get(id)?.progress).toMatchObject({ bytesUploaded: 0, rateBytesPerSecond: null });
  });

  it('ignores late progress messages for a completed upload', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId, { status: 'uploading' });
    await fixture.db.update(id, completedStep);
    await client.reload();
    const chunks = { chunksTotal: 3, chunksUploaded: 1, currentChunk: 1 };
    const bytes = { bytesAcknowledged: 4 * KB, bytesUploaded: 4 * KB, bytesTotal: 10 * KB };
    dispatchNotice({ type: 'progress', progress: { id, ...chunks, ...bytes, rateBytesPerSecond: 7, secondsLeft: 9 } });
    expect(client.get(id)?.progress).toMatchObject({ bytesUploaded: 10 * KB, rateBytesPerSecond: null });
  });

  it('hides the uploads of another user in every tab', async () => {
    const { client } = await fixture.signIn();
    const [view] = await client.add(createFile(3), { upload_type: 'file' });
    expect(client.list()).toHaveLength(1);
    const { client: other } = await fixture.signIn();
    dispatchNotice({ type: 'changed', id: view?.id ?? '' });
    await other.reload();
    expect(other.list()).toEqual([]);
    await expect.poll(() => client.userId).toBe(other.userId);
    await expect.poll(() => client.list()).toEqual([]);
  });

  it('creates one upload per file, and one for all images', async () => {
    const { client } = await fixture.signIn();
    const files = [createFile(3, 'a'), createFile(4, 'b')];
    const views = await client.add(files, { upload_type: 'file', notes: '', profile_id: '0' });
    expect(views.map(({ sizeBytes }) => sizeBytes)).toEqual([3, 4]);
    expect(views[0]?.metadata).toEqual({ upload_type: 'file', notes: '', profile_id: '0' });
    const images = await client.add(files, { upload_type: 'images', task_id: 't' });
    expect(images.map(({ sizeBytes }) => sizeBytes)).toEqual([7]);
    await expectStatus(client, images[0]?.id ?? '', 'queued');
  });

  it('queues for the last user when signed out, or refuses without one', async () => {
    const stranger = await openTestClient();
    fixture.closeAfterTest(stranger);
    await expect(stranger.add(createFile(1), { upload_type: 'file' })).rejects.toMatchObject({ code: 'no_token' });
    const { client, userId } = await fixture.signIn();
    await client.setCredentials(null);
    expect(client.userId).toBeNull();
    const [view] = await client.add(createFile(1), { upload_type: 'file' });
    expect(view?.ownerId).toBe(userId);
    expect(client.list()).toEqual([]);
    await client.setCredentials({ userId, accessToken: 'new' });
    expect(client.list()).toHaveLength(1);
  });

  it('continues uploads that waited for their owner to sign in', async () => {
    const ownerId = crypto.randomUUID();
    const id = await fixture.storeUpload(ownerId, {
      status: 'waiting',
      wait: { reason: 'sign-in' },
    } as Partial<Upload>);
    const { client } = await fixture.signIn(ownerId);
    expect(client.get(id)?.status).toBe('queued');
  });

  it('pauses, resumes, retries and cancels by changing the record', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId);
    await client.pause(id);
    expect(client.get(id)?.status).toBe('paused');
    await client.resume(id);
    expect(client.get(id)?.status).toBe('queued');
    const failed = { status: 'failed', code: 'refused', message: 'No.', failedAt: 1 } as const;
    await changeAsWorker(id, (before) => withState(before, failed, { failures: 3 }));
    await expect(client.whenCompleted(id)).rejects.toMatchObject({ code: 'refused', message: 'No.' });
    await client.retry(id);
    expect(client.get(id)).toMatchObject({ status: 'queued', failures: 0 });
    await client.cancel(id);
    await expect(client.whenCompleted(id)).rejects.toMatchObject({ code: 'cancelled', message: 'Upload cancelled' });
  });

  it.each(['pause', 'cancel'] as const)('returns the whole Background Fetch to %s one of its uploads', async (how) => {
    const { client, userId } = await fixture.signIn();
    const inFetch = (fetchId: string) =>
      fixture.storeUpload(userId, {
        status: 'waiting',
        wait: { reason: 'background-fetch', fetchId },
      } as Partial<Upload>);
    // Another tab has started the fetches, and no message has arrived here yet.
    const [one, other, apart] = [await inFetch('a'), await inFetch('a'), await inFetch('b')];
    await client[how](one);
    await expectStatus(client, other, 'queued');
    expect(await fixture.db.get(other)).toMatchObject({ status: 'queued' });
    expect(await fixture.db.get(apart)).toMatchObject({ status: 'waiting', wait: { fetchId: 'b' } });
  });

  it('removes an upload after the worker has aborted its session', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId, { status: 'uploading', session: { id: 's' } });
    await client.reload();
    const removing = client.remove(id);
    await expectStatus(client, id, 'cancelled');
    expect(await fixture.db.get(id)).toBeDefined();
    await changeAsWorker(id, (before) => ({ ...before, session: null, stagedBytes: 0 }));
    await removing;
    expect(await fixture.db.get(id)).toBeUndefined();
    expect(client.list()).toEqual([]);
  });

  it('resolves whenCompleted with the whole response, also later', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId);
    await client.reload();
    const early = client.whenCompleted(id);
    await changeAsWorker(id, completedStep);
    expect(await early).toEqual({ batch_id: 'b1', also: 'this' });
    expect(await client.whenCompleted(id)).toEqual({ batch_id: 'b1', also: 'this' });
    expect(client.get(id)?.progress).toMatchObject({ chunksUploaded: 3, bytesUploaded: 10 * KB });
  });

  it('resolves whenCompleted when the owner of the upload signs in again', async () => {
    const userId = crypto.randomUUID();
    const id = await fixture.storeUpload(userId);
    const page = await openTestClient();
    fixture.closeAfterTest(page);
    const asked = page.whenCompleted(id);
    await page.setCredentials({ userId: crypto.randomUUID(), accessToken: 't' });
    await changeAsWorker(id, completedStep);
    await page.setCredentials({ userId, accessToken: 't' });
    expect(await asked).toEqual({ batch_id: 'b1', also: 'this' });
    await expect(page.whenCompleted('none')).rejects.toMatchObject({ code: 'unknown_upload' });
  });

  it('removes an upload at once while its owner is signed out', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId);
    await client.setCredentials(null);
    await client.remove(id);
    expect(await fixture.db.get(id)).toBeUndefined();
  });
});
