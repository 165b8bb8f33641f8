import { describe, expect, it } from 'vitest';
import { END, openChunk, readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { peer, refusal } from '../peer.ts';

const KIB = 1024;

describe('?cut=', () => {
  it('ends a half-open request and keeps what arrived', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const form = await film.begin(0, 100_000);
    const { partial, receiving } = (await film.status(upload_id, 0)).json;
    expect(partial).toEqual([{ chunk_index: 0, offset: 0, size_bytes: 100_000, sha256: film.digest(0, 100_000) }]);
    expect(receiving).toEqual([]);
    await form.closed;
  });

  it('ends all requests of the chunks that it names, by session or key', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.begin(0, 100_000, { upload_id });
    await film.begin(0, 90_000);
    await film.begin(1, 80_000);
    const { partial } = (await film.ada.get(`/batches/upload-chunk/${upload_id}?cut=1,0`)).json;
    expect(partial).toMatchObject([
      { chunk_index: 0, size_bytes: 100_000 },
      { chunk_index: 1, offset: 256 * KIB, size_bytes: 80_000 },
    ]);
  });

  it('leaves other chunks, users, keys and generations alone', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const bob = film.as(await peer(film.ada.server, 'bob'));
    const others = [
      await film.begin(1, 10),
      await film.begin(0, 10, { idempotency_key: 'other' }),
      await film.begin(0, 10, { generation: 1 }),
      await bob.begin(0, 10),
    ];
    expect(refusal(await bob.ada.get(`/batches/upload-chunk/${upload_id}?cut=1`))).toBe('404 session_not_found');
    await film.ada.get(`/batches/upload-chunk/${upload_id}?cut=0`);
    for (const [n, form] of others.entries()) {
      const from = n === 0 ? 256 * KIB : 0;
      await form.write(film.content.subarray(from + 10, from + 256 * KIB));
      expect((await form.finish()).status).toBe(200);
    }
  });

  it('waits for a chunk that has arrived and is being stored', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const form = await film.begin(0, 256 * KIB);
    const [response, status] = await Promise.all([
      form.finish(),
      film.ada.get(`/batches/upload-chunk/${upload_id}?cut=0`),
    ]);
    const outcome = [response.status, status.json.received.length, status.json.partial.length];
    // Which of the two requests is first is open, but no byte is lost.
    expect([
      [200, 2, 0],
      [Number.NaN, 1, 1],
    ]).toContainEqual(outcome);
  });

  it('changes nothing if no such request is in progress', async () => {
    const film = await Film.create();
    const { upload_id } = (await film.send(0)).json;
    const expected = (await film.ada.status(upload_id)).json;
    expect((await film.ada.get(`/batches/upload-chunk/${upload_id}?cut=0,7`)).json).toEqual(expected);
  });

  it('is refused with anything but indices', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    for (const cut of ['', 'x', '1,', '-1', '1;2', '1&cut=2', '9'.repeat(16)]) {
      const refused = await film.ada.get(`/batches/upload-chunk/${upload_id}?cut=${cut}`);
      expect([cut, refused.json.field, refusal(refused)]).toEqual([cut, 'cut', '400 bad_field']);
    }
    expect(refusal(await film.ada.get('/batches/upload-chunk/none?cut=1'))).toBe('404 session_not_found');
  });
});

describe('cut at any byte', () => {
  it('keeps no byte of the boundary, and never part of a field', async () => {
    const film = await Film.create();
    const tail = '\r\n--b--\r\n';
    for (let length = 0; length < tail.length - 2; length++) {
      const key = { idempotency_key: `${length}` };
      const upload_id = await film.open(key);
      const form = await film.begin(0, 256 * KIB, key);
      await form.write(tail.slice(0, length));
      await form.cut();
      const [partial] = (await film.status(upload_id, 0)).json.partial;
      expect(partial).toMatchObject({ offset: 0, size_bytes: 256 * KIB, sha256: film.digest(0, 256 * KIB) });
    }
  });

  it('keeps the bytes before those that may begin a boundary', async () => {
    const film = await Film.create();
    film.content.write('\r\n--', 100_000 - 4);
    const upload_id = await film.open();
    const form = await openChunk(film.ada, 0, 256 * KIB, film.plan(0));
    await form.write(film.content.subarray(0, 100_000));
    const receiving = async () => (await film.ada.status(upload_id)).json.receiving;
    await expect.poll(receiving).toEqual([{ chunk_index: 0, size_bytes: 100_000 - 4 }]);
    await form.cut();
    const size_bytes = 100_000 - 4;
    const { partial } = (await film.status(upload_id, 0)).json;
    expect(partial).toEqual([{ chunk_index: 0, offset: 0, size_bytes, sha256: film.digest(0, size_bytes) }]);
    expect((await film.send(0, film.continuation(partial[0]))).json.upload_id).toBe(upload_id);
  });

  it.each([10, 256 * KIB])('refuses a complete request whose form lacks its end after %i bytes', async (bytes) => {
    const film = await Film.create();
    const upload_id = await film.open();
    const form = await openChunk(film.ada, 0, bytes, film.plan(0));
    await form.write(film.content.subarray(0, bytes));
    const response = await form.finish('x'.repeat(END.length));
    expect([response.status, response.json.error]).toEqual([400, 'bad_form']);
    expect((await film.ada.status(upload_id)).json).toMatchObject({ received: [[2, 3]], partial: [], receiving: [] });
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('keeps nothing of a request that ends before its file part', async () => {
    const film = await Film.create();
    const head = [
      'POST /api/batches/upload-chunk HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${film.ada.token}`,
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 200000',
      '',
      '--b\r\nContent-Disposition: form-data; name="chunk_index"\r\n\r\n0\r\n--b\r\nContent-Disposition: form-data',
    ].join('\r\n');
    for (let length = 0; length <= head.length; length += 11) await film.cutRaw(head.slice(0, length));
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
  });
});
