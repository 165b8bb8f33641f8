import { describe, expect, it, vi } from 'vitest';
import { openUploadClient } from '../../../src/page/index.ts';
import { PIECE_BYTES } from '../../../src/shared/staging/pieces.ts';
import { createFile, createThreePieceFile, dispatchNotice, expectStatus, KB, withClients } from './setup.ts';

describe('staging and forecasts of UploadClient', () => {
  const fixture = withClients();

  it('waits for the file after interrupted staging, and continues with it', async () => {
    const ownerId = crypto.randomUUID();
    const file = createThreePieceFile();
    const { client } = await fixture.signIn(ownerId);
    const facts = { sizeBytes: file.size, stagedBytes: PIECE_BYTES, status: 'staging' } as const;
    const id = await fixture.storeUpload(ownerId, {
      ...facts,
      files: [{ name: file.name, type: file.type, sizeBytes: file.size, modifiedAt: 0 }],
    });
    await fixture.db.putPieces(id, 0, [file.slice(0, PIECE_BYTES)], (before) => before);
    await client.reload();
    expect(client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
    await client.pause(id);
    await client.resume(id);
    expect(client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
    await expect(client.reattach(id, createFile(file.size))).rejects.toMatchObject({ code: 'different_file' });
    await client.reattach(id, file);
    await expectStatus(client, id, 'queued');
  });

  it('replaces an upload without staged bytes by its changed file', async () => {
    const { client, userId } = await fixture.signIn();
    const metadata = { upload_type: 'zip', notes: 'kept' };
    const file = createFile(3, 'grown.bin');
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) as Blob;
    const [failed] = await client.add(file, metadata);
    const last = await fixture.storeUpload(userId);
    const id = failed?.id ?? '';
    await expectStatus(client, id, 'failed');
    await expect(client.reattach(id, createFile(9, 'other.bin'))).rejects.toMatchObject({ code: 'different_file' });
    expect(await client.reattach(id, createFile(9, 'grown.bin'))).toBe(true);
    await expect.poll(() => client.get(id)).toBeUndefined();
    const [replacement, next] = client.list();
    expect(replacement).toMatchObject({ sizeBytes: 9, metadata, files: [{ name: 'grown.bin' }] });
    expect(next?.id).toBe(last);
    await expectStatus(client, replacement?.id ?? '', 'queued');
  });

  it('replaces an upload with staged bytes by another file only on request', async () => {
    const { client, userId } = await fixture.signIn();
    const id = await fixture.storeUpload(userId, { sizeBytes: 2, stagedBytes: 1, status: 'failed' });
    await client.reload();
    const other = createFile(KB, 'a.bin');
    await expect(client.reattach(id, other)).rejects.toMatchObject({ code: 'different_file' });
    expect(client.list()).toMatchObject([{ id, stagedBytes: 1 }]);
    await client.replace(id, other);
    await expect.poll(() => client.get(id)).toBeUndefined();
    expect(client.list()).toMatchObject([{ sizeBytes: KB, metadata: { upload_type: 'file' } }]);
    await expect(client.replace(id, other)).rejects.toMatchObject({ code: 'unknown_upload' });
  });

  it('finds interrupted staging when a page opens with its first page only', async () => {
    const ownerId = crypto.randomUUID();
    const id = await fixture.storeUpload(ownerId, { stagedBytes: 1, status: 'staging' });
    await fixture.db.settings.setCredentials({ userId: ownerId, accessToken: 't' });
    // Without this the slow timer could find it first.
    vi.spyOn(globalThis, 'setInterval').mockReturnValue(0 as unknown as ReturnType<typeof setInterval>);
    const client = await openUploadClient({ workerUrl: '/test/browser/page/idle-sw.js' });
    fixture.closeAfterTest(client);
    vi.restoreAllMocks();
    await expect.poll(() => client.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
  });

  it('forecasts whether closing interrupts the staging of a paused upload', async () => {
    const { client, userId } = await fixture.signIn();
    const half = await fixture.storeUpload(userId, { sizeBytes: 2, stagedBytes: 1, status: 'paused' });
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
    const { client } = await fixture.signIn();
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

  it('warns before the page is left only while a file is being staged', async () => {
    const { client } = await fixture.signIn();
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
      await fixture.storeUpload(ownerId, { status: 'uploading' }),
      await fixture.storeUpload(ownerId, { status: 'paused' }),
    ];
    const { client } = await fixture.signIn(ownerId);
    const chunks = { chunksTotal: 3, chunksUploaded: 0, currentChunk: 0 };
    const bytes = { bytesAcknowledged: 0, bytesUploaded: 0, bytesTotal: 10 * KB };
    dispatchNotice({
      type: 'progress',
      progress: { id: sent, ...chunks, ...bytes, rateBytesPerSecond: KB, secondsLeft: 10 },
    });
    // Before the worker has reached the server.
    const forecast = { kind: 'unknown' };
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
