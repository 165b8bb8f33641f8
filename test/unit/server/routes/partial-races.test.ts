import { describe, expect, it } from 'vitest';
import { openForm, readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { Peer, refusal, startWithPeer } from '../peer.ts';

const KIB = 1024;
const DAY_SECONDS = 24 * 60 * 60;

describe('a cut request that is kept no longer', () => {
  it('loses against a whole chunk of its index', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const late = await film.begin(0, 100_000);
    await film.send(0);
    await late.cut();
    const status = (await film.status(upload_id, 0)).json;
    expect(status).toMatchObject({
      received_bytes: [
        [0, 256 * KIB],
        [512 * KIB, 768 * KIB],
      ],
      partial: [],
    });
    const { batch_id } = (await film.send(1)).json;
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('loses against a newer generation', async () => {
    const film = await Film.create();
    await film.open();
    const late = await film.begin(0, 100_000);
    const upload_id = await film.open({ generation: 1 });
    await late.cut();
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([upload_id]);
    const again = await film.restart();
    expect((await again.ada.status(upload_id)).json).toMatchObject({ generation: 1, partial: [] });
  });

  it('replaces the session of an older generation, as a chunk would', async () => {
    const film = await Film.create();
    const old = await film.open();
    await (await film.begin(0, 100_000, { generation: 1 })).cut();
    await expect.poll(() => film.ada.server.sessions.ids).not.toContain(old);
    const [upload_id = ''] = film.ada.server.sessions.ids;
    expect((await film.ada.status(upload_id)).json).toMatchObject({ generation: 1, received: [], partial: [{}] });
  });

  it('loses against the batch of its upload', async () => {
    const film = await Film.create();
    await film.open();
    const late = await film.begin(0, 100_000);
    await film.ada.direct('whole', { idempotency_key: 'k' });
    await late.cut();
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
  });

  it('ends when its upload is aborted, and opens no other session', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const late = [await film.begin(0, 100_000, { upload_id }), await film.begin(1, 100_000)];
    expect((await film.ada.send('DELETE', `/batches/upload-chunk/${upload_id}`)).status).toBe(204);
    for (const form of late) await form.closed;
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
  });
});

describe('two requests for one chunk', () => {
  it('refuses the continuation of bytes that another cut has replaced', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 70_000)).json.partial;
    const rest = film.continuation(partial);
    const continued = await film.begin(0, 10, rest);
    await film.cut(upload_id, 1, 90_000);
    const longer = await film.begin(0, 100_000);
    await longer.cut();
    const partials = async () => (await film.ada.status(upload_id)).json.partial;
    await expect.poll(partials).toMatchObject([{ size_bytes: 100_000 }, { size_bytes: 90_000 }]);
    await continued.write(film.content.subarray(Number(rest.chunk_offset) + 10, 256 * KIB));
    const refused = await continued.finish();
    expect([refused.status, refused.json.error]).toEqual([409, 'partial_changed']);
    expect(await partials()).toHaveLength(2);
  });
});

describe('partial chunk of another plan', () => {
  it('is removed when a chunk of the same bytes is stored', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.cut(upload_id, 0, 100_000);
    await film.cut(upload_id, 1, 100_000);
    await film.send(7, { total_chunks: 8, chunk_offset: 0, to: 200_000 });
    const status = (await film.ada.status(upload_id)).json;
    expect(status.partial).toMatchObject([{ chunk_index: 1 }]);
    expect(status.received_bytes).toEqual([
      [0, 200_000],
      [512 * KIB, 768 * KIB],
    ]);
  });

  it('is removed when other bytes of the same range are kept', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    await film.cut(upload_id, 0, 100_000);
    const other = { total_chunks: 8, chunk_offset: 90_000 };
    const { partial } = (await film.cut(upload_id, 1, 80_000, other)).json;
    expect(partial).toMatchObject([{ chunk_index: 1, offset: 90_000, size_bytes: 80_000 }]);
  });

  it('is not kept where a chunk is stored', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const other = { total_chunks: 8, chunk_offset: 500_000 };
    expect((await film.cut(upload_id, 7, 80_000, other)).json.partial).toEqual([]);
  });
});

describe('a cut request that is not kept', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['without a key', { idempotency_key: undefined }],
    ['without an offset', { chunk_offset: undefined }],
    ['without a file size', { file_size: undefined }],
    ['with an invalid field', { generation: 'x' }],
    ['without a required field', { upload_type: undefined }],
    ['with an unknown session', { upload_id: 'none' }],
    ['past the end of its file', { file_size: '90000' }],
  ])('is one %s', async (_title, fields) => {
    const film = await Film.create();
    const form = await film.begin(0, 100_000, fields);
    await form.cut();
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('is one of fewer than 64 KiB', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    expect((await film.cut(upload_id, 0, 64 * KIB - 1)).json.partial).toEqual([]);
    const [partial] = (await film.cut(upload_id, 0, 64 * KIB)).json.partial;
    const rest = film.continuation(partial);
    expect((await film.cut(upload_id, 0, 64 * KIB - 1, rest)).json.partial).toEqual([partial]);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('is one without a valid token', async () => {
    const film = await Film.create();
    const { upload_id, ticket } = (await film.send(2)).json;
    const expired = new Peer(film.ada.server, await film.ada.server.issueToken('ada', -DAY_SECONDS));
    const stranger = film.as(expired);
    await stranger.sendRefused(0, 100_000, { upload_id });
    await stranger.sendRefused(0, 100_000, { upload_id, ticket: 'wrong' });
    expect((await film.status(upload_id, 0)).json.partial).toEqual([]);
    await (await stranger.begin(0, 100_000, { upload_id, ticket })).cut();
    expect((await film.status(upload_id, 0)).json.partial).toMatchObject([{ size_bytes: 100_000 }]);
  });

  it('is one of an upload that exceeds a quota', async () => {
    const film = await Film.create({ maxOpenBytes: 768 * KIB, maxUploadBytes: 768 * KIB });
    const upload_id = await film.open();
    await (await film.begin(0, 100_000, { idempotency_key: 'other' })).cut();
    await (await film.begin(0, 100_000, { idempotency_key: 'big', file_size: 769 * KIB })).cut();
    expect((await film.cut(upload_id, 0, 100_000)).json.partial).toHaveLength(1);
    await film.cut(upload_id, 1, 100_000);
    await film.send(0);
    expect((await film.send(1)).json.batch_id).toEqual(expect.any(String));
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
  });

  it('is one of a whole upload', async () => {
    const film = await Film.create();
    const whole = { upload_type: 'file', idempotency_key: 'k' };
    const form = await openForm(film.ada, '/batches/upload', whole, 'file', film.content.length);
    await form.write(film.content.subarray(0, 100_000));
    await expect.poll(async () => [...(await readTempFiles(film.dataDir)).values()]).toEqual([100_000]);
    await form.cut();
    await expect.poll(() => readTempFiles(film.dataDir)).toEqual(new Map());
    expect(film.ada.server.sessions.ids).toEqual([]);
    expect(await film.ada.batches()).toEqual([]);
  });

  it('is any at the basic level', async () => {
    const film = await Film.create({ level: 'basic' });
    const ada = film.ada;
    const { upload_id } = (await ada.chunk(0, 'a')).json;
    await (await film.begin(1, 100_000, { upload_id })).cut();
    await (await film.begin(0, 100_000)).cut();
    expect(refusal(await ada.get(`/batches/upload-chunk/${upload_id}?cut=1`))).toBe('404 not_found');
    await ada.server.close();
    expect(ada.server.sessions.ids).toEqual([upload_id]);
    const again = await startWithPeer({ dataDir: film.dataDir });
    expect((await again.status(upload_id)).json).toMatchObject({ partial: [], received: [[0, 1]] });
  });
});
