import { describe, expect, it } from 'vitest';
import { openChunk, openForm, readTempFiles } from '../chunk-socket.ts';
import { folder, form, peer, start, startWithPeer } from '../peer.ts';

describe('received_ms', () => {
  it('measures the time between the first and the last byte of a chunk', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const chunk = await openChunk(ada, 0, 20);
    const startedAt = performance.now();
    await chunk.write('first byte');
    await expect.poll(async () => [...(await readTempFiles(dataDir)).values()]).toEqual([10]);
    const arrivedAt = performance.now();
    for (let n = 0; n < 5; n++) await ada.get('/health');
    const continuedAt = performance.now();
    await chunk.write('last bytes');
    const { received_ms } = (await chunk.finish()).json;
    expect(Number.isInteger(received_ms)).toBe(true);
    expect(received_ms).toBeGreaterThanOrEqual(Math.floor(continuedAt - arrivedAt));
    expect(received_ms).toBeLessThanOrEqual(Math.ceil(performance.now() - startedAt));
  });

  it('measures all files of a whole upload', async () => {
    const ada = await startWithPeer();
    const file = await openForm(ada, '/batches/upload', { upload_type: 'file' }, 'file', 2);
    await file.write('ab');
    expect((await file.finish()).json.received_ms).toBeGreaterThanOrEqual(0);
    const images = form({ upload_type: 'images', task_id: 't' });
    for (let n = 0; n < 3; n++) images.append('files', new Blob(['x']), `${n}.jpg`);
    expect((await ada.send('POST', '/batches/upload', images)).json.received_ms).toBeGreaterThanOrEqual(0);
  });

  it('is 0 for an empty chunk', async () => {
    const ada = await startWithPeer();
    expect((await ada.chunk(0, '', { total_chunks: 1 })).json.received_ms).toBe(0);
  });

  it('is absent at the basic level', async () => {
    const ada = await startWithPeer({ level: 'basic' });
    expect((await ada.chunk(0, 'a')).json).not.toHaveProperty('received_ms');
    expect((await ada.direct('a')).json).not.toHaveProperty('received_ms');
  });
});
