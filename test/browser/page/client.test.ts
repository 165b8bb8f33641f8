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

describe('the client', () => {
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

  async function signedIn(userId?: string) {
    const made = await openSignedInClient(userId);
    clients.push(made.client);
    return made;
  }

  async function stored(ownerId: string, facts: Partial<Upload> = {}): Promise<string> {
    const upload = { ...createUpload({ ownerId, sizeBytes: 10 * KB, plan }), ...facts } as Upload;
    await db.add(upload);
    return upload.id;
  }

  const statusOf = async (client: UploadClient, id: string, status: string) =>
    expect.poll(() => client.get(id)?.status).toBe(status);

  it('shows a tab opened in mid-upload what was acknowledged, of this generation only', async () => {
    const ownerId = crypto.randomUUID();
    const id = await stored(ownerId, { status: 'uploading', generation: 1 });
    await db.replaceReceipts(id, 0, [{ uploadId: id, generation: 0, index: 0, sizeBytes: 9 * KB }]);
    await db.replaceReceipts(id, 1, [
      { uploadId: id, generation: 1, index: 0, sizeBytes: 4 * KB },
      { uploadId: id, generation: 1, index: 2, sizeBytes: 2 * KB },
    ]);
    const { client } = await signedIn(ownerId);
    const told = vi.fn();
    client.subscribe(told);
    expect(told).toHaveBeenCalledOnce();
    const progress = { chunksTotal: 3, chunksUploaded: 2, bytesUploaded: 6 * KB, bytesTotal: 10 * KB };
    expect(client.get(id)?.progress).toMatchObject(progress);
  });

  it('keeps what the worker said while it is sending, and goes by the receipts when it has stopped', async () => {
    const { client, userId } = await signedIn();
    const id = await stored(userId, { status: 'uploading' });
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

  it('takes no late word of how far it is for that of a completed upload', async () => {
    const { client, userId } = await signedIn();
    const id = await stored(userId, { status: 'uploading' });
    await db.update(id, completedStep);
    await client.reload();
    const chunks = { chunksTotal: 3, chunksUploaded: 1, currentChunk: 1 };
    const bytes = { bytesAcknowledged: 4 * KB, bytesUploaded: 4 * KB, bytesTotal: 10 * KB };
    dispatchNotice({ type: 'progress', progress: { id, ...chunks, ...bytes, rateBytesPerSecond: 7, secondsLeft: 9 } });
    expect(client.get(id)?.progress).toMatchObject({ bytesUploaded: 10 * KB, rateBytesPerSecond: null });
  });

  it('shows nobody the uploads of another user, in no tab', async () => {
    const { client } = await signedIn();
    const [view] = await client.add(createFile(3), { upload_type: 'file' });
    expect(client.list()).toHaveLength(1);
    const { client: other } = await signedIn();
    dispatchNotice({ type: 'changed', id: view?.id ?? '' });
    await other.reload();
    expect(other.list()).toEqual([]);
    await expect.poll(() => client.userId).toBe(other.userId);
    await expect.poll(() => client.list()).toEqual([]);
  });

  it('makes one upload of each file, and one of all images', async () => {
    const { client } = await signedIn();
    const files = [createFile(3, 'a'), createFile(4, 'b')];
    const views = await client.add(files, { upload_type: 'file', notes: '', profile_id: '0' });
    expect(views.map(({ sizeBytes }) => sizeBytes)).toEqual([3, 4]);
    expect(views[0]?.metadata).toEqual({ upload_type: 'file', notes: '', profile_id: '0' });
    const images = await client.add(files, { upload_type: 'images', task_id: 't' });
    expect(images.map(({ sizeBytes }) => sizeBytes)).toEqual([7]);
    await statusOf(client, images[0]?.id ?? '', 'queued');
  });

  it('queues for the last user when signed out, and for nobody when there never was one', async () => {
    const stranger = await openTestClient();
    clients.push(stranger);
    await expect(stranger.add(createFile(1), { upload_type: 'file' })).rejects.toMatchObject({ code: 'no_token' });
    const { client, userId } = await signedIn();
    await client.setCredentials(null);
    expect(client.userId).toBeNull();
    const [view] = await client.add(createFile(1), { upload_type: 'file' });
    expect(view?.ownerId).toBe(userId);
    expect(client.list()).toEqual([]);
    await client.setCredentials({ userId, accessToken: 'new' });
    expect(client.list()).toHaveLength(1);
  });

  it('lets go on what waited for its owner to sign in', async () => {
    const ownerId = crypto.randomUUID();
    const id = await stored(ownerId, { status: 'waiting', wait: { reason: 'sign-in' } } as Partial<Upload>);
    const { client } = await signedIn(ownerId);
    expect(client.get(id)?.status).toBe('queued');
  });

  it('asks for the file of what no tab copies any more, and goes on with it', async () => {
    const ownerId = crypto.randomUUID();
    const file = createThreePieceFile();
    const { client } = await signedIn(ownerId);
    const facts = { sizeBytes: file.size, stagedBytes: PIECE_BYTES, status: 'staging' } as const;
    const id = await stored(ownerId, {
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
    await statusOf(client, id, 'queued');
  });

  it('asks for it as soon as a page opens, also where that reads nothing but the beginning of the queue', async () => {
    const ownerId = crypto.randomUUID();
    const id = await stored(ownerId, { stagedBytes: 1, status: 'staging' });
    await db.settings.setCredentials({ userId: ownerId, accessToken: 't' });
    // The slow timer would find it too, later.
    vi.spyOn(globalThis, 'setInterval').mockReturnValue(0 as unknown as ReturnType<typeof setInterval>);
    const client = await openUploadClient({ workerUrl: '/test/browser/page/idle-sw.js' });
    clients.push(client);
    vi.restoreAllMocks();
    await expect.poll(() => client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
  });

  it('tells of a paused one whether closing would stop its copying', async () => {
    const { client, userId } = await signedIn();
    const half = await stored(userId, { sizeBytes: 2, stagedBytes: 1, status: 'paused' });
    // Held up where it stores its first piece.
    await navigator.locks.request('storing pieces', async () => {
      const [view] = await client.add(createFile(3), { upload_type: 'file' });
      const id = view?.id ?? '';
      await client.pause(id);
      dispatchNotice({ type: 'changed', id });
      dispatchNotice({ type: 'changed', id: half });
      await expect.poll(() => client.get(id)?.closeForecast).toEqual({ kind: 'staging' });
      expect(client.get(half)?.closeForecast).toEqual({ kind: 'needs-action', action: 'resume' });
    });
  });

  it('says that a paused one cannot be copied, and asks for its file when it is tried again', async () => {
    const { client } = await signedIn();
    const file = createFile(3, 'gone.bin');
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) as Blob;
    const id = await navigator.locks.request('storing pieces', async () => {
      const [view] = await client.add(file, { upload_type: 'file' });
      await client.pause(view?.id ?? '');
      expect(client.get(view?.id ?? '')?.status).toBe('paused');
      return view?.id ?? '';
    });
    await statusOf(client, id, 'failed');
    await expect(client.whenCompleted(id)).rejects.toMatchObject({ code: 'unreadable_file' });
    await client.retry(id);
    expect(client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
  });

  it('pauses, resumes, tries again and cancels by the record', async () => {
    const { client, userId } = await signedIn();
    const id = await stored(userId);
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

  it.each(['pause', 'cancel'] as const)(
    'takes back, when it has to %s one, all that were handed over with it, shown here or not',
    async (how) => {
      const { client, userId } = await signedIn();
      const carriedBy = (fetchId: string) =>
        stored(userId, { status: 'waiting', wait: { reason: 'background-fetch', fetchId } } as Partial<Upload>);
      // Another tab handed them over, and nothing was told here yet.
      const [one, other, apart] = [await carriedBy('a'), await carriedBy('a'), await carriedBy('b')];
      await client[how](one);
      await statusOf(client, other, 'queued');
      expect(await db.get(other)).toMatchObject({ status: 'queued' });
      expect(await db.get(apart)).toMatchObject({ status: 'waiting', wait: { fetchId: 'b' } });
    },
  );

  it('forgets what is removed, but not before the worker has told the server', async () => {
    const { client, userId } = await signedIn();
    const id = await stored(userId, { status: 'uploading', session: { id: 's' } });
    await client.reload();
    const removing = client.remove(id);
    await statusOf(client, id, 'cancelled');
    expect(await db.get(id)).toBeDefined();
    await changeAsWorker(id, (before) => ({ ...before, session: null, stagedBytes: 0 }));
    await removing;
    expect(await db.get(id)).toBeUndefined();
    expect(client.list()).toEqual([]);
  });

  it('hands over the answer of the server, also to who asks later', async () => {
    const { client, userId } = await signedIn();
    const id = await stored(userId);
    await client.reload();
    const early = client.whenCompleted(id);
    await changeAsWorker(id, completedStep);
    expect(await early).toEqual({ batch_id: 'b1', also: 'this' });
    expect(await client.whenCompleted(id)).toEqual({ batch_id: 'b1', also: 'this' });
    expect(client.get(id)?.progress).toMatchObject({ chunksUploaded: 3, bytesUploaded: 10 * KB });
  });

  it('hands it over to who asks while nobody or somebody else is signed in, when its user is back', async () => {
    const userId = crypto.randomUUID();
    const id = await stored(userId);
    const page = await openTestClient();
    clients.push(page);
    const asked = page.whenCompleted(id);
    await page.setCredentials({ userId: crypto.randomUUID(), accessToken: 't' });
    await changeAsWorker(id, completedStep);
    await page.setCredentials({ userId, accessToken: 't' });
    expect(await asked).toEqual({ batch_id: 'b1', also: 'this' });
    await expect(page.whenCompleted('none')).rejects.toMatchObject({ code: 'unknown_upload' });
  });

  it('forgets at once what is removed while its user is away', async () => {
    const { client, userId } = await signedIn();
    const id = await stored(userId);
    await client.setCredentials(null);
    await client.remove(id);
    expect(await db.get(id)).toBeUndefined();
  });

  it('asks before the page goes while a file is still being copied, and not after', async () => {
    const { client } = await signedIn();
    const goes = () => dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(goes()).toBe(true);
    const [upload] = await client.add(createThreePieceFile(), { upload_type: 'zip' });
    expect(upload?.closeForecast).toEqual({ kind: 'staging' });
    expect(goes()).toBe(false);
    await statusOf(client, upload?.id ?? '', 'queued');
    await expect.poll(goes).toBe(true);
  });

  it('says what becomes of each upload and of all if it is closed now', async () => {
    const ownerId = crypto.randomUUID();
    const [sent, paused] = [
      await stored(ownerId, { status: 'uploading' }),
      await stored(ownerId, { status: 'paused' }),
    ];
    const { client } = await signedIn(ownerId);
    const chunks = { chunksTotal: 3, chunksUploaded: 0, currentChunk: 0 };
    const bytes = { bytesAcknowledged: 0, bytesUploaded: 0, bytesTotal: 10 * KB };
    dispatchNotice({
      type: 'progress',
      progress: { id: sent, ...chunks, ...bytes, rateBytesPerSecond: KB, secondsLeft: 10 },
    });
    const closing = { kind: 'finishes', inMs: 10_000 };
    expect(client.get(sent)?.closeForecast).toEqual(closing);
    expect(client.get(paused)?.closeForecast).toEqual({ kind: 'needs-action', action: 'resume' });
    expect(client.closeForecast()).toEqual({
      forecast: closing,
      uploadCount: 1,
      waitingCount: 1,
      backgroundFetchCount: 0,
    });
  });
});
