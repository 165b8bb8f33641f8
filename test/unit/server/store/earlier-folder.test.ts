import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, Peer, peer, sha256, start } from '../peer.ts';
import { EARLIER, writeEarlierFolder } from './earlier-folder.ts';

async function startOnEarlierFolder() {
  const dataDir = await folder();
  await writeEarlierFolder(dataDir);
  const server = await start({ dataDir });
  return { dataDir, server, ada: await peer(server) };
}

describe('a data folder of an earlier version', () => {
  it('lists and serves its batches with their metadata', async () => {
    const { ada } = await startOnEarlierFolder();
    const batches = await ada.batches();
    expect(batches.map(({ batch_id }) => batch_id)).toEqual([EARLIER.unjoined, EARLIER.whole, EARLIER.joined]);
    expect(batches).toMatchObject([
      { upload_type: 'zip_no_qr', task_id: 'T-1', notes: null, profile_id: null, idempotency_key: 'unjoined' },
      { upload_type: 'file', task_id: null, notes: 'd', profile_id: null, idempotency_key: 'direct' },
      { upload_type: 'zip_no_qr', task_id: 'T-1', notes: 'n', profile_id: 0, idempotency_key: 'joined' },
    ]);
    expect(await ada.download(EARLIER.unjoined)).toBe('xyz');
    expect(await ada.download(EARLIER.whole)).toBe('hello');
    expect(await ada.download(EARLIER.joined)).toBe('one two');
  });

  it('joins the chunks of a batch, and removes temporary files', async () => {
    const { ada, server, dataDir } = await startOnEarlierFolder();
    await server.batches.joined();
    expect((await ada.get(`/batches/${EARLIER.unjoined}`)).json.files[0].sha256).toBe(sha256('xyz'));
    expect(await ada.download(EARLIER.unjoined)).toBe('xyz');
    expect(await readdir(join(dataDir, 'sessions'))).not.toContain(EARLIER.unjoinedSession);
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('answers the key and the session of a batch with that batch', async () => {
    const { ada } = await startOnEarlierFolder();
    expect((await ada.direct('again', { idempotency_key: 'direct' })).json.batch_id).toBe(EARLIER.whole);
    const joined = (await ada.chunk(0, 'x', { idempotency_key: 'joined', total_chunks: 2 })).json;
    expect(joined.batch_id).toBe(EARLIER.joined);
    expect((await ada.status(EARLIER.unjoinedSession)).json.batch_id).toBe(EARLIER.unjoined);
  });

  it('continues a session by its ticket and keeps its metadata', async () => {
    const { ada, server, dataDir } = await startOnEarlierFolder();
    const upload_id = EARLIER.openSession;
    const progress = { generation: 2, total_chunks: 3, received: [[1, 2]] };
    expect((await ada.status(upload_id)).json).toMatchObject(progress);
    const form = { upload_id, upload_type: 'zip_no_qr', task_id: 'T-1', generation: 2, file_size: 9 };
    const stranger = new Peer(server, null);
    const first = await stranger.chunk(0, '123', { ...form, chunk_offset: 0, ticket: EARLIER.ticket });
    expect(first.status).toBe(200);
    await server.close();
    const again = await peer(await start({ dataDir }));
    const { batch_id } = (await again.chunk(2, '789', { ...form, chunk_offset: 6 })).json;
    expect(await again.download(batch_id)).toBe('123456789');
    const metadata = { task_id: 'T-1', notes: 'kept', profile_id: 7, idempotency_key: 'open' };
    expect((await again.get(`/batches/${batch_id}`)).json).toMatchObject(metadata);
  });

  it('continues a session without a key', async () => {
    const { ada } = await startOnEarlierFolder();
    const last = await ada.chunk(1, ' upload', { upload_id: EARLIER.keylessSession, total_chunks: 2 });
    expect(await ada.download(last.json.batch_id)).toBe('keyless upload');
    expect((await ada.get(`/batches/${last.json.batch_id}`)).json.task_id).toBe('T-1');
  });

  it('writes the present version when it changes a file', async () => {
    const { server, dataDir } = await startOnEarlierFolder();
    await server.batches.joined();
    const manifest = await readFile(join(dataDir, 'batches', EARLIER.unjoined, 'batch.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ version: 1, metadata: { task_id: 'T-1' } });
    expect(JSON.parse(manifest)).not.toHaveProperty('taskId');
  });

  it('accepts a refresh cookie', async () => {
    const { server } = await startOnEarlierFolder();
    const headers = { 'Content-Type': 'application/json', Cookie: EARLIER.cookie };
    const refreshed = await new Peer(server, null).send('POST', '/auth/refresh', '{}', headers);
    expect(refreshed.json).toMatchObject({ user_id: 'ada', token: expect.any(String) });
  });
});
