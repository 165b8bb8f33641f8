import { describe, expect, it } from 'vitest';
import { openChunk, readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { peer, refusal } from '../peer.ts';

const KIB = 1024;
const BODY = 8 * KIB * KIB;
// The form parser holds the end of the part's head back until a byte follows.
const FIRST_BYTES = 'film';
const REFUSED = { status: 409, json: { error: 'partial_changed' } };

describe('chunk whose client knows of no kept bytes', () => {
  const partial_sha256 = '';

  it('is refused after its first bytes if the server keeps bytes of it', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const { partial } = (await film.cut(upload_id, 0, 100_000)).json;
    const form = await openChunk(film.ada, 0, BODY, { ...film.plan(0), partial_sha256 });
    expect(await form.finish(FIRST_BYTES)).toMatchObject(REFUSED);
    expect((await film.ada.status(upload_id)).json).toMatchObject({ partial, receiving: [] });
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('is refused while it sends several MiB on a raw connection', async () => {
    const film = await Film.create();
    await film.cut(await film.open(), 0, 100_000);
    const form = await openChunk(film.ada, 0, BODY, { ...film.plan(0), partial_sha256 });
    const response = await form.finish('x'.repeat(BODY));
    expect(response).toMatchObject(REFUSED);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('is refused while fetch sends several MiB, and its connection closes', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.cut(upload_id, 0, 100_000);
    const body = new Blob([new Uint8Array(BODY)]);
    const response = await film.ada.chunk(0, body, { ...film.plan(0), partial_sha256 });
    expect(refusal(response)).toBe('409 partial_changed');
    expect(response.headers.get('Connection')).toBe('close');
    expect((await film.ada.status(upload_id)).json.partial).toMatchObject([{ size_bytes: 100_000 }]);
  });

  it('ends an older request for the chunk, and waits for its bytes', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const older = await film.begin(0, 100_000, { upload_id });
    const repeated = await openChunk(film.ada, 0, BODY, { ...film.plan(0), partial_sha256 });
    expect(await repeated.finish(FIRST_BYTES)).toMatchObject(REFUSED);
    await older.closed;
    const sha256 = film.digest(0, 100_000);
    const partial = [{ chunk_index: 0, offset: 0, size_bytes: 100_000, sha256 }];
    expect((await film.ada.status(upload_id)).json.partial).toEqual(partial);
  });

  it('opens no session twice if the older request came first of all', async () => {
    const film = await Film.create();
    await film.begin(0, 100_000, { partial_sha256 });
    expect(refusal(await film.send(0, { partial_sha256 }))).toBe('409 partial_changed');
    expect(film.ada.server.sessions.ids).toHaveLength(1);
  });

  it('is stored if too little of the older request arrived', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const older = await film.begin(0, 64 * KIB - 1, { partial_sha256 });
    expect((await film.send(0, { partial_sha256 })).json.upload_id).toBe(upload_id);
    await older.closed;
    expect((await film.ada.status(upload_id)).json).toMatchObject({ partial: [], receiving: [] });
  });

  it('is acknowledged after an older request has stored the chunk', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.send(0, { partial_sha256 });
    expect((await film.send(0, { partial_sha256 })).json.upload_id).toBe(upload_id);
    const { batch_id } = (await film.send(1, { partial_sha256 })).json;
    expect((await film.send(0, { partial_sha256 })).json.batch_id).toBe(batch_id);
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('is stored if the kept bytes of its index begin elsewhere', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.cut(upload_id, 0, 100_000, { chunk_offset: 1000 });
    expect((await film.send(0, { partial_sha256 })).json.upload_id).toBe(upload_id);
    expect((await film.ada.status(upload_id)).json.partial).toEqual([]);
  });

  it('leaves requests of other chunks, keys, generations and users alone', async () => {
    const film = await Film.create();
    await film.open();
    const bob = film.as(await peer(film.ada.server, 'bob'));
    const others = [
      await film.begin(1, 100_000),
      await film.begin(0, 100_000, { idempotency_key: 'other' }),
      await film.begin(0, 100_000, { generation: 1 }),
      await bob.begin(0, 100_000),
    ];
    expect((await film.send(0, { partial_sha256 })).status).toBe(200);
    for (const [n, form] of others.entries()) {
      const from = n === 0 ? 256 * KIB : 0;
      await form.write(film.content.subarray(from + 100_000, from + 256 * KIB));
      expect((await form.finish()).status).toBe(200);
    }
  });

  it('is refused like any chunk of an unknown session or old generation', async () => {
    const film = await Film.create();
    await film.open({ generation: 1 });
    expect(refusal(await film.send(0, { partial_sha256, upload_id: 'none' }))).toBe('404 session_not_found');
    expect(refusal(await film.send(0, { partial_sha256 }))).toBe('409 generation_superseded');
  });
});

describe('continuation that is repeated', () => {
  it('is refused after its first bytes if the kept bytes have grown', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [first] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    const rest = film.continuation(first);
    const older = await film.begin(0, 80_000, rest);
    const repeated = await openChunk(film.ada, 0, BODY, { ...film.plan(0), ...rest });
    expect(await repeated.finish(FIRST_BYTES)).toMatchObject(REFUSED);
    await older.closed;
    const [second] = (await film.ada.status(upload_id)).json.partial;
    expect(second).toMatchObject({ offset: 0, size_bytes: 180_000 });
    await film.send(0, film.continuation(second));
    const { batch_id } = (await film.send(1)).json;
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('is refused while the first one is stored', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    const rest = film.continuation(partial);
    const older = await film.begin(0, 256 * KIB - 100_000, rest);
    const [response, repeated] = await Promise.all([older.finish(), film.send(0, rest)]);
    expect(refusal(repeated)).toBe('409 partial_changed');
    const status = (await film.ada.status(upload_id)).json;
    // Which of the two requests is first is open, but no byte is lost.
    expect([
      [200, 2, 0],
      [Number.NaN, 1, 1],
    ]).toContainEqual([response.status, status.received.length, status.partial.length]);
  });
});
