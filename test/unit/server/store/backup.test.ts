import { execFile } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { folder, type Peer, peer, start } from '../peer.ts';

const run = promisify(execFile);

/** Copies a folder as an administrator does. Files may disappear meanwhile. */
async function copy(dataDir: string): Promise<string> {
  const target = join(await folder(), 'copy');
  await run('cp', ['-r', dataDir, target]).catch((error: { code?: unknown }) => {
    if (error.code !== 1) throw error;
  });
  await rm(join(target, 'backup'), { force: true });
  return target;
}

/** Uploads one file in two chunks, and returns its batch with its content. */
async function uploadChunks(ada: Peer, n: number): Promise<[string, string]> {
  const [first, second] = [`first ${n} `.repeat(20_000), `second ${n}`];
  const { upload_id } = (await ada.chunk(0, first, { total_chunks: 2 })).json;
  const { batch_id } = (await ada.chunk(1, second, { total_chunks: 2, upload_id })).json;
  return [batch_id, first + second];
}

async function expectBatches(dataDir: string, batches: readonly [string, string][]): Promise<void> {
  const restored = await peer(await start({ dataDir }));
  for (const [batchId, content] of batches) expect(await restored.download(batchId)).toBe(content);
  await restored.server.batches.joined();
  for (const [batchId, content] of batches) expect(await restored.download(batchId)).toBe(content);
}

describe('copy of the folder of a running server', () => {
  it('contains every acknowledged batch while uploads go on', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const open = (await ada.chunk(0, 'open')).json.upload_id;
    await writeFile(join(dataDir, 'backup'), '');
    const acknowledged: [string, string][] = [];
    for (let n = 0; n < 12; n++) acknowledged.push(await uploadChunks(ada, n));
    acknowledged.push([(await ada.direct('whole')).json.batch_id, 'whole']);
    let isCopied = false;
    const goOn = async () => {
      for (let n = 100; !isCopied; n++) await uploadChunks(ada, n);
    };
    const [target] = await Promise.all([copy(dataDir).finally(() => (isCopied = true)), goOn(), goOn()]);
    await rm(join(dataDir, 'backup'));
    await expectBatches(target, acknowledged);
    const restored = await peer(await start({ dataDir: await copy(target) }));
    expect((await restored.status(open)).json.received).toEqual([[0, 1]]);
  });

  it('contains joined batches and whole uploads without a marker', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const acknowledged = [await uploadChunks(ada, 1)];
    acknowledged.push([(await ada.direct('whole')).json.batch_id, 'whole']);
    await ada.server.batches.joined();
    await expectBatches(await copy(dataDir), acknowledged);
  });

  it('joins no chunks while the marker is there, and joins them later', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    await writeFile(join(dataDir, 'backup'), '');
    const [batchId, content] = await uploadChunks(ada, 1);
    await expect.poll(() => readdir(join(dataDir, 'batches', batchId))).toContain('file-0');
    expect((await ada.get(`/batches/${batchId}`)).json.files[0].sha256).toBeNull();
    expect(await ada.download(batchId)).toBe(content);
    await rm(join(dataDir, 'backup'));
    await ada.server.batches.joined();
    expect((await ada.get(`/batches/${batchId}`)).json.files[0].sha256).toEqual(expect.any(String));
    expect(await readdir(join(dataDir, 'sessions'))).toEqual([]);
  });
});
