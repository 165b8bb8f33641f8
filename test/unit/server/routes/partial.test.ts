import { describe, expect, it } from 'vitest';
import { readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { passHours, refusal } from '../peer.ts';

const KIB = 1024;

describe('partial chunk', () => {
  it.each([64 * KIB, 100_000, 256 * KIB])('keeps %i bytes of a chunk whose request is cut', async (bytes) => {
    const film = await Film.create();
    const { partial, received } = (await film.cut(await film.open(), 0, bytes)).json;
    expect(partial).toEqual([{ chunk_index: 0, offset: 0, size_bytes: bytes, sha256: film.digest(0, bytes) }]);
    expect(received).toEqual([[2, 3]]);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('stores the kept bytes and the rest as one chunk', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 1, 100_000)).json.partial;
    const rest = film.continuation(partial);
    const chunk_sha256 = film.digest(Number(rest.chunk_offset), 512 * KIB);
    expect((await film.send(1, { ...rest, chunk_sha256 })).json).toMatchObject({ upload_id });
    const status = (await film.ada.status(upload_id)).json;
    expect(status).toMatchObject({ received: [[1, 3]], received_bytes: [[256 * KIB, 768 * KIB]], partial: [] });
    const { batch_id } = (await film.send(0)).json;
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
    await film.ada.server.batches.joined();
    const [{ sha256 }] = (await film.ada.get(`/batches/${batch_id}`)).json.files;
    expect(sha256).toBe(film.digest(0, film.content.length));
  });

  it('grows by a continuation that is cut too', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.send(1);
    const [first] = (await film.cut(upload_id, 0, 70_000)).json.partial;
    const [second] = (await film.cut(upload_id, 0, 80_000, film.continuation(first))).json.partial;
    expect(second.size_bytes).toBe(150_000);
    expect(second.sha256).toBe(film.digest(0, 150_000));
    const { batch_id } = (await film.send(0, film.continuation(second))).json;
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('is complete with an empty body if all bytes of the chunk are kept', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.send(1);
    const form = await film.begin(0, 256 * KIB);
    // The end of the part, but not of the form.
    await form.write('\r\n--b\r\n');
    await form.cut();
    const [partial] = (await film.status(upload_id, 0)).json.partial;
    expect(partial).toMatchObject({ offset: 0, size_bytes: 256 * KIB });
    const { batch_id } = (await film.send(0, film.continuation(partial))).json;
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('opens the session, as a chunk would', async () => {
    const film = await Film.create();
    await (await film.begin(0, 100_000)).cut();
    await expect.poll(() => film.ada.server.sessions.ids).toHaveLength(1);
    const [upload_id = ''] = film.ada.server.sessions.ids;
    const status = (await film.ada.status(upload_id)).json;
    expect(status).toMatchObject({ received: [], received_bytes: [], partial: [{ chunk_index: 0 }] });
    expect(await film.open()).toBe(upload_id);
  });

  it('survives a restart between the cut and the continuation', async () => {
    const before = await Film.create();
    const upload_id = await before.open();
    const [first] = (await before.cut(upload_id, 0, 70_000)).json.partial;
    const [second] = (await before.cut(upload_id, 0, 70_000, before.continuation(first))).json.partial;
    const film = await before.restart();
    expect((await film.ada.status(upload_id)).json.partial).toEqual([second]);
    await film.send(0, film.continuation(second));
    const again = await film.restart();
    const { batch_id } = (await again.send(1)).json;
    expect((await again.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('keeps what arrives until the server stops', async () => {
    const before = await Film.create();
    const upload_id = await before.open();
    await before.begin(0, 100_000);
    const film = await before.restart();
    expect((await film.ada.status(upload_id)).json.partial).toMatchObject([{ chunk_index: 0, offset: 0 }]);
  });

  it('is one per chunk: the longest of the same offset, the newest of another', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [long] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    expect((await film.cut(upload_id, 0, 80_000)).json.partial).toEqual([long]);
    const [other, ...more] = (await film.cut(upload_id, 0, 80_000, { chunk_offset: 1000 })).json.partial;
    expect(other).toMatchObject({ chunk_index: 0, offset: 1000 });
    expect(more).toEqual([]);
    expect(other.sha256).toBe(film.digest(1000, 1000 + other.size_bytes));
  });

  it('is removed with its session', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.cut(upload_id, 0, 100_000);
    await passHours(film.ada.server, 25);
    expect(refusal(await film.ada.status(upload_id))).toBe('404 session_not_found');
    expect(film.ada.server.sessions.ids).toEqual([]);
  });
});

describe('continuation of a partial chunk', () => {
  it('is refused with another digest or offset, or without kept bytes', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    const { chunk_offset, partial_sha256 } = film.continuation(partial);
    const digest = film.digest(0, 1);
    expect(refusal(await film.send(0, { chunk_offset, partial_sha256: digest }))).toBe('409 partial_changed');
    const offset = Number(chunk_offset) - 1;
    expect(refusal(await film.send(0, { chunk_offset: offset, partial_sha256 }))).toBe('409 partial_changed');
    expect(refusal(await film.send(1, { chunk_offset, partial_sha256 }))).toBe('409 partial_changed');
    expect((await film.ada.status(upload_id)).json).toMatchObject({ partial: [partial], received: [[2, 3]] });
    await film.send(0);
    expect(refusal(await film.send(0, { chunk_offset, partial_sha256 }))).toBe('409 partial_changed');
    const malformed = await film.send(0, { chunk_offset, partial_sha256: 'x' });
    expect(malformed.json).toMatchObject({ error: 'bad_field', field: 'partial_sha256' });
  });

  it('is refused if its body does not match chunk_sha256', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    const rest = film.continuation(partial);
    const whole = film.digest(0, 256 * KIB);
    expect(refusal(await film.send(0, { ...rest, chunk_sha256: whole }))).toBe('422 checksum_mismatch');
    expect((await film.ada.status(upload_id)).json.partial).toEqual([partial]);
  });

  it('is refused if the kept bytes and the body exceed the file', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    const rest = film.continuation(partial);
    const tooMuch = new Blob([new Uint8Array(film.content)]);
    const fields = { idempotency_key: 'k', file_size: film.content.length, ...rest };
    expect(refusal(await film.ada.chunk(0, tooMuch, fields))).toBe('409 chunks_overlap');
    expect((await film.ada.status(upload_id)).json.partial).toEqual([partial]);
  });
});
