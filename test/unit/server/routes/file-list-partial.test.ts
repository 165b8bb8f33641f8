import { describe, expect, it } from 'vitest';
import { END, openForm, readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { refusal } from '../peer.ts';

const KIB = 1024;
/** The bytes of a film as two files. Chunk 1 holds the border. */
const LIST = [
  { name: 'a', size_bytes: 300 * KIB },
  { name: 'b', size_bytes: 468 * KIB },
];
const file_list = new Blob([JSON.stringify(LIST)]);
const file_count = LIST.length;
const withList = { file_count, file_list };

async function expectFiles(film: Film, batchId: string): Promise<void> {
  const [a, b] = [film.content.subarray(0, 300 * KIB), film.content.subarray(300 * KIB)];
  expect((await film.download(batchId, 0)).equals(a)).toBe(true);
  expect((await film.download(batchId, 1)).equals(b)).toBe(true);
  await film.ada.server.batches.joined();
  const sha256 = [film.digest(0, 300 * KIB), film.digest(300 * KIB, 768 * KIB)];
  expect((await film.ada.get(`/batches/${batchId}`)).json).toMatchObject({
    file_count,
    files: LIST.map((file, n) => ({ ...file, sha256: sha256[n] })),
  });
}

describe('cut chunk 0 of many files', () => {
  it('is kept without its list, which the continuation brings again', async () => {
    const film = await Film.create();
    const upload_id = await film.open({ file_count });
    await film.send(1, { file_count });
    const [partial] = (await film.cut(upload_id, 0, 100_000, withList)).json.partial;
    expect(partial).toMatchObject({ chunk_index: 0, offset: 0, size_bytes: 100_000 });
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
    const rest = film.continuation(partial);
    expect(refusal(await film.send(0, { ...rest, file_count }))).toBe('422 bad_file_list');
    expect((await film.ada.status(upload_id)).json).toMatchObject({ partial: [partial], received: [[1, 3]] });
    const { batch_id } = (await film.send(0, { ...rest, ...withList })).json;
    await expectFiles(film, batch_id);
  });

  it('opens an upload of many files that survives a restart', async () => {
    const before = await Film.create();
    await (await before.begin(0, 100_000, withList)).cut();
    await expect.poll(() => before.ada.server.sessions.ids).toHaveLength(1);
    const [upload_id = ''] = before.ada.server.sessions.ids;
    const film = await before.restart();
    const [partial] = (await film.status(upload_id, 0)).json.partial;
    const rest = film.continuation(partial);
    expect(refusal(await film.send(0, rest))).toBe('409 total_changed');
    expect(refusal(await film.send(0, { ...rest, file_count }))).toBe('422 bad_file_list');
    expect((await film.send(0, { ...rest, ...withList })).json).toMatchObject({ upload_id });
    const again = await film.restart();
    await again.send(1, { file_count });
    const { batch_id } = (await again.send(2, { file_count })).json;
    await expectFiles(again, batch_id);
  });

  it('grows by a continuation that is cut too, and keeps the list of neither', async () => {
    const film = await Film.create();
    const upload_id = await film.open({ file_count });
    const [first] = (await film.cut(upload_id, 0, 70_000, withList)).json.partial;
    const again = { ...film.continuation(first), ...withList };
    const [second] = (await film.cut(upload_id, 0, 80_000, again)).json.partial;
    expect(second.size_bytes).toBe(150_000);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
    const rest = film.continuation(second);
    expect(refusal(await film.send(0, { ...rest, file_count }))).toBe('422 bad_file_list');
    await film.send(0, { ...rest, ...withList });
    await expectFiles(film, (await film.send(1, { file_count })).json.batch_id);
  });

  it('leaves nothing if its list did not arrive', async () => {
    const film = await Film.create();
    const plan = { ...film.plan(0), chunk_index: 0, filename: 'trip', upload_type: 'file', is_final_chunk: 'false' };
    const form = await openForm(film.ada, '/batches/upload-chunk', { ...plan, file_count }, 'file_list', 300 * KIB);
    await form.write('x'.repeat(100_000));
    await expect.poll(async () => [...(await readTempFiles(film.dataDir)).values()]).toEqual([100_000]);
    await form.cut();
    await expect.poll(() => readTempFiles(film.dataDir)).toEqual(new Map());
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
  });

  it('is refused before its body if the server keeps bytes of it', async () => {
    const film = await Film.create();
    const upload_id = await film.open({ file_count });
    const { partial } = (await film.cut(upload_id, 0, 100_000, withList)).json;
    const repeated = { chunk_index: 0, filename: 'trip', upload_type: 'file', is_final_chunk: 'false' };
    const fields = { ...film.plan(0), ...repeated, partial_sha256: '', ...withList };
    const form = await openForm(film.ada, '/batches/upload-chunk', fields, 'chunk', 256 * KIB);
    expect(await form.finish(`film${END}`)).toMatchObject({ status: 409, json: { error: 'partial_changed' } });
    expect((await film.ada.status(upload_id)).json.partial).toEqual(partial);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });
});

describe('cut chunk of many files behind chunk 0', () => {
  it('is continued without the list', async () => {
    const film = await Film.create();
    const { upload_id } = (await film.send(0, withList)).json;
    await film.send(2, { file_count });
    const [partial] = (await film.cut(upload_id, 1, 100_000, { file_count })).json.partial;
    const { batch_id } = (await film.send(1, { ...film.continuation(partial), file_count })).json;
    await expectFiles(film, batch_id);
  });

  it('is continued in another plan', async () => {
    const film = await Film.create();
    const { upload_id } = (await film.send(0, withList)).json;
    const [partial] = (await film.cut(upload_id, 1, 100_000, { file_count })).json.partial;
    const to = 400 * KIB;
    await film.send(1, { ...film.continuation(partial), file_count, total_chunks: 9, to });
    const rest = { file_count, total_chunks: 9, chunk_offset: to, to: 768 * KIB };
    await expectFiles(film, (await film.send(8, rest)).json.batch_id);
  });
});
