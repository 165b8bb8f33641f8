import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdJoining } from '../hold-joining.ts';
import { downloadAll, ManyFiles, TRIP, toList } from '../many-files.ts';
import { folder, form, type Peer, peer, refusal, sha256, start, startWithPeer } from '../peer.ts';

function range(ada: Peer, batchId: string, n: number, bytes: string) {
  return ada.send('GET', `/batches/${batchId}/files/${n}`, undefined, { Range: `bytes=${bytes}` });
}

describe('upload of many files', () => {
  // 4 bytes a chunk end where files end; 3 and 5 cut files.
  it.each([1, 3, 4, 5, 100])('cuts files at their borders from chunks of %i bytes', async (chunkBytes) => {
    const ada = await startWithPeer();
    const upload = new ManyFiles(ada, TRIP, chunkBytes);
    const batchId = await upload.sendAll();
    expect(await downloadAll(ada, batchId, TRIP.length)).toEqual(TRIP.map(({ bytes }) => bytes));
    await ada.server.batches.joined();
    expect(await downloadAll(ada, batchId, TRIP.length)).toEqual(TRIP.map(({ bytes }) => bytes));
    const { files, file_count } = (await ada.get(`/batches/${batchId}`)).json;
    expect(file_count).toBe(TRIP.length);
    expect(files).toEqual(toList(TRIP).map((file, n) => ({ ...file, sha256: sha256(TRIP[n]?.bytes ?? '') })));
  });

  it('accepts any files and any order of chunks', async () => {
    const server = await start();
    const file = fc.record({
      path: fc.stringMatching(/^[a-z]{1,3}$/),
      bytes: fc.string({ maxLength: 12, unit: fc.constantFrom('x', 'y') }),
    });
    let owner = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat()),
        async (files, chunkBytes, ranks) => {
          const ada = await peer(server, `ada ${owner++}`);
          const upload = new ManyFiles(ada, files, chunkBytes);
          const order = Array.from({ length: upload.totalChunks }, (_, index) => ({ index, rank: ranks.next().value }));
          order.sort((a, b) => a.rank - b.rank);
          const batchId = await upload.sendAll(order.map(({ index }) => index));
          expect(await downloadAll(ada, batchId, files.length)).toEqual(files.map(({ bytes }) => bytes));
          await server.batches.joined();
          const listed = (await ada.get(`/batches/${batchId}`)).json.files;
          expect(listed).toMatchObject(files.map(({ path, bytes }) => ({ path, sha256: sha256(bytes) })));
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each([
    ['one file of many', [{ path: 'a', bytes: 'abc' }]],
    ['only empty files', ['a', 'b', 'c'].map((path) => ({ path, bytes: '' }))],
  ])('accepts %s', async (_, files) => {
    const ada = await startWithPeer();
    const batchId = await new ManyFiles(ada, files, 2).sendAll();
    await ada.server.batches.joined();
    const listed = (await ada.get(`/batches/${batchId}/files`)).json;
    expect(listed.files.map((file: { sha256: string }) => file.sha256)).toEqual(
      files.map(({ bytes }) => sha256(bytes)),
    );
    expect(await downloadAll(ada, batchId, files.length)).toEqual(files.map(({ bytes }) => bytes));
  });

  it('honours ranges within every file', async () => {
    const ada = await startWithPeer();
    const batchId = await new ManyFiles(ada, TRIP, 3).sendAll();
    for (const isJoined of [false, true]) {
      if (isJoined) await ada.server.batches.joined();
      const middle = await range(ada, batchId, 4, '2-7');
      expect([middle.status, middle.json]).toEqual([206, 'klmnop']);
      expect(middle.headers.get('Content-Range')).toBe('bytes 2-7/11');
      expect((await range(ada, batchId, 1, '2-')).json).toBe('cd');
      expect((await range(ada, batchId, 4, '-3')).json).toBe('qrs');
      expect((await range(ada, batchId, 1, '0-99')).json).toBe('abcd');
      expect(refusal(await range(ada, batchId, 1, '4-'))).toBe('416 bad_range');
    }
    const disposition = (await range(ada, batchId, 4, '0-0')).headers.get('Content-Disposition');
    expect(disposition).toContain("filename*=UTF-8''a.txt");
    expect(refusal(await ada.get(`/batches/${batchId}/files/${TRIP.length}`))).toBe('404 batch_not_found');
  });

  it('lists many files by the page, and only the first 100 with the batch', async () => {
    const ada = await startWithPeer();
    const files = Array.from({ length: 2345 }, (_, n) => ({ path: `all/${n}.txt`, bytes: `${n}` }));
    const batchId = await new ManyFiles(ada, files, 5000).sendAll();
    await ada.server.batches.joined();
    const [batch] = await ada.batches();
    expect(batch).toMatchObject({ batch_id: batchId, file_count: 2345 });
    expect(batch.files).toHaveLength(100);
    const page = async (query: string) => (await ada.get(`/batches/${batchId}/files${query}`)).json;
    expect((await page('')).files).toHaveLength(1000);
    const last = await page('?from=2300&limit=1000');
    expect(last).toMatchObject({ file_count: 2345 });
    expect(last.files.map(({ path }: { path: string }) => path)).toEqual(files.slice(2300).map(({ path }) => path));
    expect(last.files.at(-1).sha256).toBe(sha256('2344'));
    expect((await page('?from=7&limit=2')).files).toMatchObject([{ name: '7.txt' }, { name: '8.txt' }]);
    expect((await page('?from=2345')).files).toEqual([]);
    expect((await page('?limit=5000')).files).toHaveLength(1000);
    expect(refusal(await ada.get(`/batches/${batchId}/files?from=-1`))).toBe('400 bad_field');
    expect(await ada.download(batchId, 2344)).toBe('2344');
  });

  it('lists the files of a whole upload by the page', async () => {
    const ada = await startWithPeer();
    const data = form({ upload_type: 'images', task_id: 't' });
    for (let n = 0; n < 120; n++) data.append('files', new Blob([`${n}`]), `${n}.jpg`);
    const { batch_id, files, file_count } = (await ada.send('POST', '/batches/upload', data)).json;
    expect([files.length, file_count]).toEqual([100, 120]);
    const rest = (await ada.get(`/batches/${batch_id}/files?from=118`)).json.files;
    expect(rest).toMatchObject([
      { name: '118.jpg', path: null, modified_at: null, sha256: sha256('118') },
      { name: '119.jpg' },
    ]);
  });
});

describe('restarted server with an upload of many files', () => {
  it('continues it between chunks', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    await new ManyFiles(before, TRIP, 10).send(0);
    await before.server.close();
    const ada = await peer(await start({ dataDir }));
    const { batch_id } = (await new ManyFiles(ada, TRIP, 10).send(1)).json;
    expect(await downloadAll(ada, batch_id, TRIP.length)).toEqual(TRIP.map(({ bytes }) => bytes));
  });

  it('joins it again after a crash while it joined', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const release = await holdJoining(before, dataDir);
    const upload = new ManyFiles(before, TRIP, 3);
    const batchId = await upload.sendAll();
    const { upload_id } = (await upload.send(0)).json;
    expect((await before.get(`/batches/${batchId}`)).json.files[0].sha256).toBeNull();
    const copy = await folder();
    for (const path of ['auth.json', `batches/${batchId}`, `sessions/${upload_id}`]) {
      await cp(join(dataDir, path), join(copy, path), { recursive: true });
    }
    for (const half of ['file-0.tmp', 'files.tmp']) await writeFile(join(copy, 'batches', batchId, half), 'half');
    await release();
    const ada = await peer(await start({ dataDir: copy }));
    expect(await downloadAll(ada, batchId, TRIP.length)).toEqual(TRIP.map(({ bytes }) => bytes));
    await ada.server.batches.joined();
    const { files } = (await ada.get(`/batches/${batchId}/files`)).json;
    expect(files.map((file: { sha256: string }) => file.sha256)).toEqual(TRIP.map(({ bytes }) => sha256(bytes)));
    expect(await downloadAll(ada, batchId, TRIP.length)).toEqual(TRIP.map(({ bytes }) => bytes));
    expect((await readdir(join(copy, 'batches', batchId))).sort()).toEqual(['batch.json', 'file-0', 'files']);
    expect(await readdir(join(copy, 'sessions'))).toEqual([]);
  });
});
