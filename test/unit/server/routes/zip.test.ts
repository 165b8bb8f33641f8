import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createServer, type UploadServer } from '../../../../src/server/server.ts';
import type { ByteStore } from '../../../../src/server/store/byte-store.ts';
import { openFolderStorage } from '../../../../src/server/store/folder/folder-storage.ts';
import { holdJoining } from '../hold-joining.ts';
import { ManyFiles } from '../many-files.ts';
import { addCleanUp, folder, form, Peer, peer, start, startWithPeer } from '../peer.ts';
import { readZip } from '../zip/read-zip.ts';

function request(ada: Peer<UploadServer>, batchId: string): Promise<Response> {
  return fetch(`${ada.server.url()}/api/batches/${batchId}/zip`, { headers: { Authorization: `Bearer ${ada.token}` } });
}

async function downloadZip(ada: Peer, batchId: string): Promise<Buffer> {
  return Buffer.from(await (await request(ada, batchId)).arrayBuffer());
}

function toLargeFiles(count: number, sizeBytes: number) {
  // Latin text of one byte a character, as the chunks are cut by character.
  return Array.from({ length: count }, (_, n) => ({
    path: `${n}.bin`,
    bytes: randomBytes(sizeBytes / 2).toString('hex'),
  }));
}

describe('ZIP of a batch', () => {
  const FILES = [
    { path: 'trip/empty.txt', bytes: '' },
    { path: 'trip/täg 1/a.txt', bytes: 'abcd' },
    { path: 'trip/täg 1/a.txt', bytes: 'the same path' },
    { path: 'a.txt', bytes: 'x'.repeat(100_000) },
    { path: 'last.txt', bytes: '' },
  ];
  const PATHS = ['trip/empty.txt', 'trip/täg 1/a.txt', 'trip/täg 1/a (2).txt', 'a.txt', 'last.txt'];

  it('contains all files with their paths and times', async () => {
    const ada = await startWithPeer();
    const batchId = await new ManyFiles(ada, FILES, 7000).sendAll();
    for (const isJoined of [false, true]) {
      if (isJoined) await ada.server.batches.joined();
      const files = readZip(await downloadZip(ada, batchId));
      expect(files.map(({ path }) => path)).toEqual(PATHS);
      expect(files.map(({ bytes }) => bytes.toString())).toEqual(FILES.map(({ bytes }) => bytes));
      expect(files[0]?.modifiedAt).toBe(Date.parse('2026-11-30T10:00:00Z') / 1000);
    }
  });

  it('is stored under the name of the upload', async () => {
    const ada = await startWithPeer();
    const { headers } = await request(ada, await new ManyFiles(ada, FILES, 1e6).sendAll());
    expect(headers.get('Content-Type')).toBe('application/zip');
    expect(headers.get('Content-Disposition')).toContain("filename*=UTF-8''trip.zip");
  });

  it('passes the test of unzip', async (context) => {
    const run = promisify(execFile);
    const isInstalled = await run('unzip', ['-v']).then(
      () => true,
      () => false,
    );
    if (!isInstalled) return context.skip('unzip is not installed');
    const ada = await startWithPeer();
    const file = join(await folder(), 'batch.zip');
    await writeFile(file, await downloadZip(ada, await new ManyFiles(ada, FILES, 1e6).sendAll()));
    expect((await run('unzip', ['-t', file])).stdout).toContain('No errors detected');
  });

  it('contains the files of whole uploads, whatever their names', async () => {
    const ada = await startWithPeer();
    const data = form({ upload_type: 'images', task_id: 't' });
    for (const name of ['a.jpg', '../a.jpg', 'A.jpg', 'C:\\b.jpg']) data.append('files', new Blob([name]), name);
    const { batch_id } = (await ada.send('POST', '/batches/upload', data)).json;
    const files = readZip(await downloadZip(ada, batch_id));
    expect(files.map(({ path }) => path)).toEqual(['a.jpg', '.._a.jpg', 'A (2).jpg', 'C__b.jpg']);
    expect(files.map(({ bytes }) => bytes.toString())).toEqual(['a.jpg', '../a.jpg', 'A.jpg', 'C:\\b.jpg']);
  });

  it('continues while the chunks of the batch are joined', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const release = await holdJoining(ada, dataDir);
    const files = toLargeFiles(6, 2_000_000);
    const upload = new ManyFiles(ada, files, 5_000_000);
    const batchId = await upload.sendAll();
    const { upload_id } = (await upload.send(0)).json;
    const reader = (await request(ada, batchId)).body?.getReader();
    const parts = [(await reader?.read())?.value ?? new Uint8Array()];
    await release();
    const findSha256 = async () => (await ada.get(`/batches/${batchId}`)).json.files[5].sha256;
    await expect.poll(findSha256).toEqual(expect.any(String));
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) parts.push(part.value);
    expect(readZip(Buffer.concat(parts)).map(({ bytes }) => bytes.toString())).toEqual(files.map(({ bytes }) => bytes));
    // The chunk files stay until their readers are closed.
    await expect.poll(() => readdir(join(dataDir, 'sessions'))).not.toContain(upload_id);
  });

  it('ends its reads when the client leaves', async () => {
    const { server, reads } = await startWatched();
    const ada = new Peer(server, await server.issueToken('ada'));
    const batchId = await new ManyFiles(ada, toLargeFiles(4, 10_000_000), 20_000_000).sendAll();
    expect(reads.size).toBe(0);
    const reader = (await request(ada, batchId)).body?.getReader();
    await reader?.read();
    expect(reads.size).toBe(1);
    await reader?.cancel();
    await expect.poll(() => reads.size).toBe(0);
  });
});

/** Starts a server whose open reads the test sees. */
async function startWatched(): Promise<{ server: UploadServer; reads: ReadonlySet<Readable> }> {
  const dataDir = await folder();
  const storage = await openFolderStorage(dataDir);
  const reads = new Set<Readable>();
  const bytes: ByteStore = {
    receive: (stream) => storage.bytes.receive(stream),
    commit: (blob) => storage.bytes.commit(blob),
    remove: (blobs) => storage.bytes.remove(blobs),
    read(...range) {
      const stream = storage.bytes.read(...range);
      reads.add(stream);
      stream.once('close', () => reads.delete(stream));
      return stream;
    },
  };
  const server = await createServer({ dataDir }, { storage: { ...storage, bytes } });
  addCleanUp(() => server.close());
  await server.listen(0, '127.0.0.1');
  return { server, reads };
}
