import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ApiResponse, folder, type Peer, peer, refusal, start, startWithPeer } from '../peer.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Reads all pages of the list of batches. */
async function readPages(ada: Peer, query: string): Promise<ApiResponse['json'][]> {
  const pages: ApiResponse['json'][] = [];
  for (let cursor = ''; ; cursor = `&cursor=${pages.at(-1).next_cursor}`) {
    pages.push((await ada.get(`/batches?${query}${cursor}`)).json);
    if (pages.at(-1).next_cursor === undefined) return pages;
  }
}

function toIds(pages: ApiResponse['json'][]): string[][] {
  return pages.map(({ batches }) => batches.map(({ batch_id }: { batch_id: string }) => batch_id));
}

/** Makes whole uploads one after another, and returns their batches, newest first. */
async function createBatches(ada: Peer, count: number, notes = ''): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.unshift((await ada.direct(`${n}`, { notes })).json.batch_id);
  return ids;
}

describe('list of batches', () => {
  it('returns pages, newest first, whose cursor leads to the next', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const [a, b, c, d, e] = await createBatches(ada, 5);
    expect(toIds(await readPages(ada, 'limit=2'))).toEqual([[a, b], [c, d], [e]]);
    expect(toIds(await readPages(ada, 'limit=5'))).toEqual([[a, b, c, d, e]]);
    await ada.server.close();
    expect(toIds(await readPages(await peer(await start({ dataDir })), 'limit=2'))).toEqual([[a, b], [c, d], [e]]);
  });

  it('continues after a batch that was deleted, and skips newer ones', async () => {
    const ada = await startWithPeer();
    const [, second, third] = await createBatches(ada, 3);
    const { next_cursor } = (await ada.get('/batches?limit=2')).json;
    expect((await ada.send('DELETE', `/batches/${second}`)).status).toBe(204);
    await createBatches(ada, 1);
    const rest = (await ada.get(`/batches?cursor=${next_cursor}`)).json;
    expect(toIds([rest])).toEqual([[third]]);
    expect(rest).not.toHaveProperty('next_cursor');
  });

  it('has at most 100 batches on a page', async () => {
    const ada = await startWithPeer();
    const ids = await createBatches(ada, 101);
    for (const query of ['', 'limit=5000']) {
      expect(toIds(await readPages(ada, query))).toEqual([ids.slice(0, 100), ids.slice(100)]);
    }
  });

  it('ends a page early when its batches are large', async () => {
    const ada = await startWithPeer();
    const ids = await createBatches(ada, 40, '\u0001'.repeat(60_000));
    const pages = await readPages(ada, '');
    expect(toIds(pages).flat()).toEqual(ids);
    expect(pages.length).toBeGreaterThan(10);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(2_000_000);
  });

  it.each(['cursor=x', 'cursor=1.', 'cursor=1.a/b', 'limit=0', 'limit=-1', 'limit=x'])('refuses %s', async (query) => {
    expect(refusal(await (await startWithPeer()).get(`/batches?${query}`))).toBe('400 bad_field');
  });
});

describe('deletion of a batch', () => {
  it('removes its files, and frees its key', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const { batch_id } = (await ada.direct('old', { idempotency_key: 'k' })).json;
    expect((await ada.send('DELETE', `/batches/${batch_id}`)).status).toBe(204);
    for (const path of ['', '/files', '/files/0', '/zip']) {
      expect(refusal(await ada.get(`/batches/${batch_id}${path}`))).toBe('404 batch_not_found');
    }
    expect(refusal(await ada.send('DELETE', `/batches/${batch_id}`))).toBe('404 batch_not_found');
    expect(await readdir(join(dataDir, 'batches'))).toEqual([]);
    expect((await ada.get('/batches?idempotency_key=k')).json.batches).toEqual([]);
    const again = (await ada.direct('new', { idempotency_key: 'k' })).json;
    expect(await ada.download(again.batch_id)).toBe('new');
  });

  it('removes the chunks of a batch that is not joined', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const { upload_id } = (await ada.chunk(0, 'a', { total_chunks: 2 })).json;
    const { batch_id } = (await ada.chunk(1, 'b', { total_chunks: 2, upload_id })).json;
    await ada.send('DELETE', `/batches/${batch_id}`);
    await ada.server.batches.joined();
    for (const place of ['batches', 'sessions', 'temp']) expect(await readdir(join(dataDir, place))).toEqual([]);
    expect(refusal(await ada.status(upload_id))).toBe('404 session_not_found');
  });

  it('frees the quota of the user', async () => {
    const ada = await startWithPeer({ maxUserBytes: 5 });
    const { batch_id } = (await ada.direct('12345')).json;
    expect(refusal(await ada.direct('1'))).toBe('429 quota_full');
    await ada.send('DELETE', `/batches/${batch_id}`);
    expect((await ada.direct('12345')).status).toBe(200);
  });

  it('is not part of the basic level', async () => {
    const ada = await startWithPeer({ level: 'basic' });
    const { batch_id } = (await ada.direct('kept')).json;
    expect(refusal(await ada.send('DELETE', `/batches/${batch_id}`))).toBe('404 not_found');
    expect(ada.server.batches.list('ada')).toHaveLength(1);
  });
});

describe('retention', () => {
  it('deletes batches that are older than their days', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const [young, old] = await createBatches(before, 2);
    await before.server.close();
    const manifest = join(dataDir, 'batches', `${old}`, 'batch.json');
    const json = JSON.parse(await readFile(manifest, 'utf8'));
    await writeFile(manifest, JSON.stringify({ ...json, createdAt: Date.now() - 31 * DAY_MS }));
    const keeping = await peer(await start({ dataDir }));
    expect(await keeping.batches()).toHaveLength(2);
    await keeping.server.close();
    const ada = await peer(await start({ dataDir, retentionDays: 30 }));
    expect((await ada.batches()).map(({ batch_id }) => batch_id)).toEqual([young]);
  });
});
