import { describe, expect, it } from 'vitest';
import { openForm } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { Peer, peer, refusal, startWithPeer } from '../peer.ts';

describe('receiving', () => {
  it('counts the bytes that each request in progress has brought', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const receiving = async () => (await film.ada.status(upload_id)).json.receiving;
    expect(await receiving()).toEqual([]);
    const first = await film.begin(0, 10, { upload_id });
    const second = await film.begin(1, 70_000);
    const both = [
      { chunk_index: 0, size_bytes: 10 },
      { chunk_index: 1, size_bytes: 70_000 },
    ];
    expect(await receiving()).toEqual(both);
    await first.write(film.content.subarray(10, 256 * 1024));
    expect((await first.finish()).json.upload_id).toBe(upload_id);
    expect(await receiving()).toEqual([{ chunk_index: 1, size_bytes: 70_000 }]);
    await second.cut();
    expect((await film.status(upload_id, 1)).json.receiving).toEqual([]);
  });

  it('counts the body of a chunk that continues kept bytes', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    await film.begin(0, 500, film.continuation(partial));
    const status = (await film.ada.status(upload_id)).json;
    expect(status).toMatchObject({ partial: [partial], receiving: [{ chunk_index: 0, size_bytes: 500 }] });
  });

  it('leaves out requests of other sessions, generations and users', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const bob = film.as(await peer(film.ada.server, 'bob'));
    await bob.begin(0, 10);
    await film.begin(0, 10, { idempotency_key: 'other' });
    await film.begin(0, 10, { generation: 1 });
    await film.begin(0, 10, { upload_id: 'other' });
    expect((await film.ada.status(upload_id)).json.receiving).toEqual([]);
    expect(refusal(await bob.ada.status(upload_id))).toBe('404 session_not_found');
  });

  it('counts a request that a ticket authorizes', async () => {
    const film = await Film.create();
    const { upload_id, ticket } = (await film.send(2)).json;
    await film.as(new Peer(film.ada.server, null)).begin(0, 10, { upload_id, ticket });
    expect((await film.ada.status(upload_id)).json.receiving).toEqual([{ chunk_index: 0, size_bytes: 10 }]);
  });

  it('counts the requests of a key, also before there is a session', async () => {
    const film = await Film.create();
    const receiving = async (user = film.ada) => (await user.get('/batches?idempotency_key=k')).json.receiving;
    expect(await receiving()).toEqual([]);
    const chunk = await film.begin(1, 20, { generation: 2 });
    await film.begin(0, 10, { idempotency_key: 'other' });
    expect(await receiving()).toEqual([{ generation: 2, chunk_index: 1, size_bytes: 20 }]);
    expect(await receiving(await peer(film.ada.server, 'bob'))).toEqual([]);
    expect((await film.ada.get('/batches')).json).not.toHaveProperty('receiving');
    await chunk.cut();
    await expect.poll(() => receiving()).toEqual([]);
  });

  it('counts the bytes of a whole upload as chunk 0', async () => {
    const ada = await startWithPeer();
    const form = await openForm(ada, '/batches/upload', { upload_type: 'file', idempotency_key: 'k' }, 'file', 100);
    await form.write(Buffer.alloc(40, 'a'));
    const receiving = async () => (await ada.get('/batches?idempotency_key=k')).json.receiving;
    await expect.poll(receiving).toEqual([{ chunk_index: 0, size_bytes: 40 }]);
    await form.write(Buffer.alloc(60, 'a'));
    expect((await form.finish()).json.batch_id).toEqual(expect.any(String));
    expect(await receiving()).toEqual([]);
  });

  it('is empty for a finished upload', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, 'a', { total_chunks: 1 })).json;
    expect((await ada.status(upload_id)).json).toMatchObject({ partial: [], receiving: [] });
  });
});
