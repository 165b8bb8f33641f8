import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openUploadClient, type UploadClient } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import { PIECE_BYTES } from '../../../src/shared/staging/pieces.ts';
import { type Upload, withState } from '../../../src/shared/upload.ts';
import { createUpload } from '../../fixtures/upload.ts';
import {
  changeAsWorker,
  completedStep,
  createFile,
  createThreePieceFile,
  dispatchNotice,
  openSignedInClient,
  openTestClient,
} from './setup.ts';

const KB = 1024;
const plan = { way: 'chunks', chunkBytes: 4 * KB, ramp: [] } as const;

describe('UploadClient', () => {
  let db: UploadsDb;
  const clients: UploadClient[] = [];

  beforeEach(async () => {
    db = await UploadsDb.open();
    await db.settings.setLastUserId(null);
    await db.settings.setCredentials(null);
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    db.close();
  });

  async function signIn(userId?: string) {
    const made = await openSignedInClient(userId);
    clients.push(made.client);
    return made;
  }

  async function storeUpload(ownerId: string, facts: Partial<Upload> = {}): Promise<string> {
    const upload = { ...createUpload({ ownerId, sizeBytes: 10 * KB, plan }), ...facts } as Upload;
    await db.add(upload);
    return upload.id;
  }

  const expectStatus = async (client: UploadClient, id: string, status: string) =>
    expect.poll(() => client.get(id)?.status).toBe(status);

  it('restores the progress from the receipts of the current generation', async () => {
    const ownerId = crypto.randomUUID();
    const id = await storeUpload(ownerId, { status: 'uploading', generation: 1 });
    await db.replaceReceipts(id, 0, [{ uploadId: id, generation: 0, index: 0, sizeBytes: 9 * KB }]);
    await db.replaceReceipts(id, 1, [
      { uploadId: id, generation: 1, index: 0, sizeBytes: 4 * KB },
      { uploadId: id, generation: 1, index: 2, sizeBytes: 2 * KB },
    ]);
    const { client } = await signIn(ownerId);
    const listener = vi.fn();
    client.subscribe(listener);
    expect(listener).toHaveBeenCalledOnce();
    const progress = { chunksTotal: 3, chunksUploaded: 2, bytesUploaded: 6 * KB, bytesTotal: 10 * KB };
    expect(client.get(id)?.progress).toMatchObject(progress);
  });

  it('shows reported progress while sending, and the receipts when paused', async () => {
    const { client, userId } = await signIn();
    const id = await storeUpload(userId, { status: 'uploading' });
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
    const { client, userId } = await signIn();
    const id = await storeUpload(userId, { status: 'uploading' });
    await db.update(id, completedStep);
    await client.reload();
    const chunks = { chunksTotal: 3, chunksUploaded: 1, currentChunk: 1 };
    const bytes = { bytesAcknowledged: 4 * KB, bytesUploaded: 4 * KB, bytesTotal: 10 * KB };
    dispatchNotice({ type: 'progress', progress: { id, ...chunks, ...bytes, rateBytesPerSecond: 7, secondsLeft: 9 } });
    expect(client.get(id)?.progress).toMatchObject({ bytesUploaded: 10 * KB, rateBytesPerSecond: null });
  });

  it('hides the uploads of another user in every tab', async () => {
    const { client } = await signIn();
    const [view] = await client.add(createFile(3), { upload_type: 'file' });
    expect(client.list()).toHaveLength(1);
    const { client: other } = await signIn();
    dispatchNotice({ type: 'changed', id: view?.id ?? '' });
    await other.reload();
    expect(other.list()).toEqual([]);
    await expect.poll(() => client.userId).toBe(other.userId);
    await expect.poll(() => client.list()).toEqual([]);
  });

  it('creates one upload per file, and one for all images', async () => {
    const { client } = await signIn();
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
    clients.push(stranger);
    await expect(stranger.add(createFile(1), { upload_type: 'file' })).rejects.toMatchObject({ code: 'no_token' });
    const { client, userId } = await signIn();
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
    const id = await storeUpload(ownerId, { status: 'waiting', wait: { reason: 'sign-in' } } as Partial<Upload>);
    const { client } = await signIn(ownerId);
    expect(client.get(id)?.status).toBe('queued');
  });

  it('waits for the file after interrupted staging, and continues with it', async () => {
    const ownerId = crypto.randomUUID();
    const file = createThreePieceFile();
    const { client } = await signIn(ownerId);
    const facts = { sizeBytes: file.size, stagedBytes: PIECE_BYTES, status: 'staging' } as const;
    const id = await storeUpload(ownerId, {
      ...facts,
      files: [{ name: file.name, type: file.type, sizeBytes: file.size, modifiedAt: 0 }],
    });
    await db.putPieces(id, 0, [file.slice(0, PIECE_BYTES)], (before) => before);
    await client.reload();
    expect(client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
    await client.pause(id);
    await client.resume(id);
    expect(client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
    await expect(client.reattach(id, createFile(file.size))).rejects.toMatchObject({ code: 'different_file' });
    await client.reattach(id, file);
    await expectStatus(client, id, 'queued');
  });

  it('finds interrupted staging when a page opens with its first page only', async () => {
    const ownerId = crypto.randomUUID();
    const id = await storeUpload(ownerId, { stagedBytes: 1, status: 'staging' });
    await db.settings.setCredentials({ userId: ownerId, accessToken: 't' });
    // Without this the slow timer could find it first.
    vi.spyOn(globalThis, 'setInterval').mockReturnValue(0 as unknown as ReturnType<typeof setInterval>);
    const client = await openUploadClient({ workerUrl: '/test/browser/page/idle-sw.js' });
    clients.push(client);
    vi.restoreAllMocks();
    await expect.poll(() => client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
  });

  it('forecasts whether closing interrupts the staging of a paused upload', async () => {
    const { client, userId } = await signIn();
    const half = await storeUpload(userId, { sizeBytes: 2, stagedBytes: 1, status: 'paused' });
    // This lock holds staging back before its first piece.
    await navigator.locks.request('store-pieces', async () => {
      const [view] = await client.add(createFile(3), { upload_type: 'file' });
      const id = view?.id ?? '';
      await client.pause(id);
      dispatchNotice({ type: 'changed', id });
      dispatchNotice({ type: 'changed', id: half });
      await expect.poll(() => client.get(id)?.closeForecast).toEqual({ kind: 'staging' });
      expect(client.get(half)?.closeForecast).toEqual({ kind: 'needs-action', action: 'resume' });
    });
  });

  it('fails a paused upload that cannot be staged; retry asks for the file', async () => {
    const { client } = await signIn();
    const file = createFile(3, 'gone.bin');
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) as Blob;
    const id = await navigator.locks.request('store-pieces', async () => {
      const [view] = await client.add(file, { upload_type: 'file' });
      await client.pause(view?.id ?? '');
      expect(client.get(view?.id ?? '')?.status).toBe('paused');
      return view?.id ?? '';
    });
    await expectStatus(client, id, 'failed');
    await expect(client.whenCompleted(id)).rejects.toMatchObject({ code: 'unreadable_file' });
    await client.retry(id);
    expect(client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
  });

  it('pauses, resumes, retries and cancels by changing the record', async () => {
    const { client, userId } = await signIn();
    const id = await storeUpload(userId);
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
    const { client, userId } = await signIn();
    const inFetch = (fetchId: string) =>
      storeUpload(userId, { status: 'waiting', wait: { reason: 'background-fetch', fetchId } } as Partial<Upload>);
    // Another tab has started the fetches, and no message has arrived here yet.
    const [one, other, apart] = [await inFetch('a'), await inFetch('a'), await inFetch('b')];
    await client[how](one);
    await expectStatus(client, other, 'queued');
    expect(await db.get(other)).toMatchObject({ status: 'queued' });
    expect(await db.get(apart)).toMatchObject({ status: 'waiting', wait: { fetchId: 'b' } });
  });

  it('removes an upload after the worker has aborted its session', async () => {
    const { client, userId } = await signIn();
    const id = await storeUpload(userId, { status: 'uploading', session: { id: 's' } });
    await client.reload();
    const removing = client.remove(id);
    await expectStatus(client, id, 'cancelled');
    expect(await db.get(id)).toBeDefined();
    await changeAsWorker(id, (before) => ({ ...before, session: null, stagedBytes: 0 }));
    await removing;
    expect(await db.get(id)).toBeUndefined();
    expect(client.list()).toEqual([]);
  });

  it('resolves whenCompleted with the whole response, also later', async () => {
    const { client, userId } = await signIn();
    const id = await storeUpload(userId);
    await client.reload();
    const early = client.whenCompleted(id);
    await changeAsWorker(id, completedStep);
    expect(await early).toEqual({ batch_id: 'b1', also: 'this' });
    expect(await client.whenCompleted(id)).toEqual({ batch_id: 'b1', also: 'this' });
    expect(client.get(id)?.progress).toMatchObject({ chunksUploaded: 3, bytesUploaded: 10 * KB });
  });

  it('resolves whenCompleted when the owner of the upload signs in again', async () => {
    const userId = crypto.randomUUID();
    const id = await storeUpload(userId);
    const page = await openTestClient();
    clients.push(page);
    const asked = page.whenCompleted(id);
    await page.setCredentials({ userId: crypto.randomUUID(), accessToken: 't' });
    await changeAsWorker(id, completedStep);
    await page.setCredentials({ userId, accessToken: 't' });
    expect(await asked).toEqual({ batch_id: 'b1', also: 'this' });
    await expect(page.whenCompleted('none')).rejects.toMatchObject({ code: 'unknown_upload' });
  });

  it('removes an upload at once while its owner is signed out', async () => {
    const { client, userId } = await signIn();
    const id = await storeUpload(userId);
    await client.setCredentials(null);
    await client.remove(id);
    expect(await db.get(id)).toBeUndefined();
  });

  it('warns before the page is left only while a file is being staged', async () => {
    const { client } = await signIn();
    const goes = () => dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(goes()).toBe(true);
    const [upload] = await client.add(createThreePieceFile(), { upload_type: 'zip' });
    expect(upload?.closeForecast).toEqual({ kind: 'staging' });
    expect(goes()).toBe(false);
    await expectStatus(client, upload?.id ?? '', 'queued');
    await expect.poll(goes).toBe(true);
  });

  it('forecasts what closing does to each upload and to the queue', async () => {
    const ownerId = crypto.randomUUID();
    const [sent, paused] = [
      await storeUpload(ownerId, { status: 'uploading' }),
      await storeUpload(ownerId, { status: 'paused' }),
    ];
    const { client } = await signIn(ownerId);
    const chunks = { chunksTotal: 3, chunksUploaded: 0, currentChunk: 0 };
    const bytes = { bytesAcknowledged: 0, bytesUploaded: 0, bytesTotal: 10 * KB };
    dispatchNotice({
      type: 'progress',
      progress: { id: sent, ...chunks, ...bytes, rateBytesPerSecond: KB, secondsLeft: 10 },
    });
    const forecast = { kind: 'finishes', inMs: 10_000 };
    expect(client.get(sent)?.closeForecast).toEqual(forecast);
    expect(client.get(paused)?.closeForecast).toEqual({ kind: 'needs-action', action: 'resume' });
    expect(client.closeForecast()).toEqual({
      forecast,
      uploadCount: 1,
      waitingCount: 1,
      backgroundFetchCount: 0,
    });
  });
});
