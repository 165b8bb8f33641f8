import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createServer } from '../../../../src/server/server.ts';
import { FolderByteStore } from '../../../../src/server/store/folder/folder-byte-store.ts';
import type { FolderStorage } from '../../../../src/server/store/folder/folder-storage.ts';
import { FreeSpace } from '../../../../src/server/store/folder/free-space.ts';
import { holdJoining } from '../hold-joining.ts';
import { addCleanUp, folder, form, Peer, peer, refusal, start } from '../peer.ts';

const MIB = 1024 * 1024;

/** Starts a server that wants this much of the disk free, and signs ada in. */
async function startWithFloor(dataDir: string, minFreeBytes: number) {
  const server = await createServer({ dataDir, minFreeBytes });
  addCleanUp(() => server.close());
  await server.listen(0, '127.0.0.1');
  return new Peer(server, await server.issueToken('ada'));
}

describe('minimum of free disk space', () => {
  it('refuses whole uploads, chunks and bundles with 507 and stores nothing', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const { batch_id } = (await before.direct('kept')).json;
    await before.server.close();
    const ada = await startWithFloor(dataDir, Number.MAX_SAFE_INTEGER);
    const list = [{ idempotency_key: 'b', upload_type: 'file', filename: 'x', size_bytes: 1 }];
    const bundle = form({ uploads: new Blob([JSON.stringify(list)]), bytes: new Blob(['x']) });
    const refused = [
      await ada.direct('x'.repeat(MIB)),
      await ada.chunk(0, 'x'),
      await ada.send('POST', '/batches/upload-bundle', bundle),
    ];
    expect(refused.map(refusal)).toEqual(Array(3).fill('507 disk_full'));
    for (const { headers } of refused) expect(headers.get('Retry-After')).toBe('300');
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
    expect(await ada.download(batch_id)).toBe('kept');
    expect((await ada.send('DELETE', `/batches/${batch_id}`)).status).toBe(204);
  });

  it('accepts uploads while more is free', async () => {
    expect((await (await startWithFloor(await folder(), 1)).direct('x')).status).toBe(200);
  });

  it('ends a file during which the space runs out, and removes it', async () => {
    const dataDir = await folder();
    const free = [30, 20, 10].map((mebibytes) => mebibytes * MIB);
    const bytes = await FolderByteStore.open(dataDir, new FreeSpace(15 * MIB, async () => free.shift() ?? 0));
    const stream = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(MIB)));
    await expect(bytes.receive(stream)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(free).toEqual([]);
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('serves a batch from its chunks while the joined file has no room', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const release = await holdJoining(before, dataDir);
    const { upload_id } = (await before.chunk(0, 'ab', { total_chunks: 2 })).json;
    const { batch_id } = (await before.chunk(1, 'cd', { total_chunks: 2, upload_id })).json;
    await Promise.all([before.server.close(), release()]);
    const ada = await startWithFloor(dataDir, Number.MAX_SAFE_INTEGER);
    await (ada.server.storage as FolderStorage).uploads.whenJoined();
    expect((await ada.get(`/batches/${batch_id}`)).json.files[0].sha256).toBeNull();
    expect(await ada.download(batch_id)).toBe('abcd');
  });
});
