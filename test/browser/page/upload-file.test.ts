import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUploadFunctions, MAX_REQUEST_BYTES, type UploadClient } from '../../../src/page/index.ts';
import {
  changeAsWorker,
  completedStep,
  createFile,
  dispatchNotice,
  openSignedInClient,
  openTestClient,
} from './setup.ts';

describe('uploadFile and uploadImages', () => {
  let client: UploadClient;

  beforeEach(async () => {
    ({ client } = await openSignedInClient());
  });

  afterEach(() => client.close());

  const nothing = () => undefined;

  /** A small file that reports a size over the limit. */
  function aHugeFile(): File {
    return Object.defineProperty(createFile(1), 'size', { value: MAX_REQUEST_BYTES + 1 });
  }

  async function theUpload(of = client): Promise<string> {
    await expect.poll(() => of.list()).toHaveLength(1);
    return of.list()[0]?.id ?? '';
  }

  it("rejects with the contract's messages, and queues nothing", async () => {
    const { uploadFile, uploadImages } = createUploadFunctions(client);
    const none = null as unknown as File;
    await expect(uploadFile(none, 'zip', null, null, null, nothing)).rejects.toThrow('No file provided');
    await expect(uploadImages([], 't', null, null, nothing)).rejects.toThrow('No file provided');
    for (const type of ['zip_no_qr', 'images']) {
      await expect(uploadFile(createFile(1), type, null, null, null, nothing)).rejects.toThrow('Task ID required');
    }
    await expect(uploadImages([createFile(1)], '', null, null, nothing)).rejects.toThrow('Task ID required');
    await expect(uploadImages([aHugeFile()], 't', null, null, nothing)).rejects.toThrow('Batch size too large');
    await expect(uploadFile(createFile(1), 'zip', null, null, null, nothing, AbortSignal.abort())).rejects.toThrow(
      'Upload cancelled',
    );
    expect(client.list()).toEqual([]);
  });

  it('rejects when signed out', async () => {
    await client.setCredentials(null);
    const { uploadFile } = createUploadFunctions(client);
    await expect(uploadFile(createFile(1), 'zip', null, null, null, nothing)).rejects.toThrow(
      'No authentication token found',
    );
  });

  it('reports exact progress and resolves with the whole response', async () => {
    const { uploadFile } = createUploadFunctions(client);
    const onProgress = vi.fn();
    const done = uploadFile(createFile(3000), 'zip', null, '', 0, onProgress);
    const id = await theUpload();
    expect(client.get(id)?.metadata).toEqual({ upload_type: 'zip', notes: '', profile_id: '0' });
    const counts = { chunksTotal: 1, chunksUploaded: 0, bytesUploaded: 1500, bytesTotal: 3000, currentChunk: 0 };
    // Only acknowledged bytes count, not the estimate for people.
    const guessed = { bytesAcknowledged: 1500, bytesUploaded: 2400, rateBytesPerSecond: 1, secondsLeft: 1 };
    dispatchNotice({ type: 'progress', progress: { ...counts, ...guessed, id } });
    await expect.poll(() => onProgress.mock.lastCall).toEqual([{ ...counts, percentage: 50 }]);
    await changeAsWorker(id, completedStep);
    expect(await done).toEqual({ batch_id: 'b1', also: 'this' });
    const all = { ...counts, chunksUploaded: 1, bytesUploaded: 3000, currentChunk: 1, percentage: 100 };
    expect(onProgress).toHaveBeenLastCalledWith(all);
  });

  it('cancels the upload when the signal aborts', async () => {
    const { uploadImages } = createUploadFunctions(client);
    const abort = new AbortController();
    const done = uploadImages([createFile(1), createFile(2)], 't', null, null, nothing, abort.signal);
    const id = await theUpload();
    abort.abort();
    await expect(done).rejects.toMatchObject({ code: 'cancelled', message: 'Upload cancelled' });
    expect(client.get(id)?.status).toBe('cancelled');
  });

  it('continues when a listener throws, and reports its error', async () => {
    const { uploadFile } = createUploadFunctions(client);
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const done = uploadFile(createFile(1), 'file', null, null, null, () => {
      throw new Error('mine');
    });
    await changeAsWorker(await theUpload(), completedStep);
    expect(await done).toMatchObject({ batch_id: 'b1' });
    expect(reported).toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  it('works with a client that signed in after it was created', async () => {
    const late = await openTestClient();
    await late.setCredentials({ userId: crypto.randomUUID(), accessToken: 't' });
    const done = createUploadFunctions(late).uploadFile(createFile(0), 'file', null, null, null, nothing);
    const id = await theUpload(late);
    await changeAsWorker(id, completedStep);
    expect(await done).toMatchObject({ batch_id: 'b1' });
    late.close();
  });
});
