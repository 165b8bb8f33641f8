import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdJoining } from '../hold-joining.ts';
import { folder, Peer, passHours, peer, refusal, start } from '../peer.ts';

describe('restarted server', () => {
  it('continues sessions by id, ticket and key', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const plan = { idempotency_key: 'k', generation: 3, file_size: 9, notes: 'n', profile_id: 0 };
    const first = (await before.chunk(1, '456', { ...plan, chunk_offset: 3 })).json;
    await before.server.close();
    const server = await start({ dataDir });
    const ada = await peer(server);
    expect((await ada.status(first.upload_id)).json).toMatchObject({ generation: 3, received: [[1, 2]] });
    const again = await ada.chunk(0, '123', { ...plan, chunk_offset: 0 });
    expect(again.json).toMatchObject({ upload_id: first.upload_id, ticket: first.ticket });
    const { upload_id, ticket } = first;
    const last = { upload_id, ticket, total_chunks: 3, chunk_offset: 6 };
    const { batch_id } = (await new Peer(server, null).chunk(2, '789', last)).json;
    expect(await ada.download(batch_id)).toBe('123456789');
    expect((await ada.get(`/batches/${batch_id}`)).json).toMatchObject({ notes: 'n', profile_id: 0 });
    await server.close();
    const third = await peer(await start({ dataDir }));
    expect((await third.chunk(0, '123', { ...plan, generation: 9 })).json.batch_id).toBe(batch_id);
    expect(await third.download(batch_id)).toBe('123456789');
  });

  it('removes sessions without a new chunk for a day, in which it ran', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const old = (await before.chunk(0, 'old')).json.upload_id;
    await passHours(before.server, 14);
    const young = (await before.chunk(0, 'young')).json.upload_id;
    await before.server.close();
    const ada = await peer(await start({ dataDir }));
    await passHours(ada.server, 9);
    expect((await ada.status(old)).json.received).toEqual([[0, 1]]);
    await passHours(ada.server, 2, 9);
    expect(refusal(await ada.status(old))).toBe('404 session_not_found');
    expect(refusal(await ada.chunk(1, 'x', { upload_id: old }))).toBe('404 session_not_found');
    expect((await ada.status(young)).json.received).toEqual([[0, 1]]);
    expect(await readdir(join(dataDir, 'sessions'))).toEqual([young]);
  });

  it('removes the session of a key that has its batch', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const { upload_id } = (await before.chunk(0, 'a', { idempotency_key: 'k', generation: 1 })).json;
    const [session, copy] = [join(dataDir, 'sessions', upload_id), join(await folder(), 'session')];
    await cp(session, copy, { recursive: true });
    await before.direct('abc', { idempotency_key: 'k' });
    await before.server.close();
    // A stop right after the batch was made leaves the session.
    await cp(copy, session, { recursive: true });
    expect((await start({ dataDir })).sessions.ids).toEqual([]);
    expect(await readdir(join(dataDir, 'sessions'))).toEqual([]);
  });

  it('removes the files of interrupted requests', async () => {
    const dataDir = await folder();
    await (await start({ dataDir })).close();
    const leftovers = ['temp/half', 'sessions/none/0-next-1', 'sessions/none/session.json.tmp', 'batches/none/file-0'];
    for (const path of leftovers) {
      await mkdir(dirname(join(dataDir, path)), { recursive: true });
      await writeFile(join(dataDir, path), 'half');
    }
    await start({ dataDir });
    for (const place of ['temp', 'sessions', 'batches']) expect(await readdir(join(dataDir, place))).toEqual([]);
  });
});

describe('running server', () => {
  it('removes sessions without a new chunk for a day', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const { upload_id } = (await ada.chunk(0, 'a')).json;
    await passHours(ada.server, 24);
    expect((await ada.status(upload_id)).status).toBe(200);
    await passHours(ada.server, 1, 24);
    expect(refusal(await ada.status(upload_id))).toBe('404 session_not_found');
    expect(await readdir(join(dataDir, 'sessions'))).toEqual([]);
  });

  it('serves a file while its chunks are joined, and after that', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const release = await holdJoining(ada, dataDir);
    const chunks = [randomBytes(6_000_000), randomBytes(6_000_000)] as const;
    const whole = Buffer.concat(chunks);
    const plan = { total_chunks: 2, filename: 'x' };
    const { upload_id } = (await ada.chunk(0, new Blob([chunks[0]]), plan)).json;
    const { batch_id } = (await ada.chunk(1, new Blob([chunks[1]]), { ...plan, upload_id })).json;
    const download = () =>
      fetch(`${ada.server.url()}/api/batches/${batch_id}/files/0`, {
        headers: { Authorization: `Bearer ${ada.token}` },
      });
    const slow = (await download()).body?.getReader();
    const parts = [(await slow?.read())?.value ?? new Uint8Array()];
    expect((await ada.get(`/batches/${batch_id}`)).json.files[0].sha256).toBeNull();
    await release();
    await expect
      .poll(async () => (await ada.get(`/batches/${batch_id}`)).json.files[0].sha256)
      .toEqual(expect.any(String));
    expect(Buffer.from(await (await download()).arrayBuffer()).equals(whole)).toBe(true);
    // The chunk files stay until their readers are closed.
    expect(await readdir(join(dataDir, 'sessions'))).toContain(upload_id);
    for (let part = await slow?.read(); part?.value; part = await slow?.read()) parts.push(part.value);
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    await expect.poll(() => readdir(join(dataDir, 'sessions'))).not.toContain(upload_id);
    expect((await readdir(join(dataDir, 'batches', batch_id))).sort()).toEqual(['batch.json', 'file-0']);
  });
});
