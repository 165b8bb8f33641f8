import { describe, expect, it } from 'vitest';
import { readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { type ApiResponse, form, refusal } from '../peer.ts';

/** Sends a bundle with an upload of one byte for each key. */
function sendBundle({ ada }: Film, keys: readonly string[]): Promise<ApiResponse> {
  const uploads = keys.map((idempotency_key) => {
    return { idempotency_key, upload_type: 'file', filename: 'x', size_bytes: 1 };
  });
  const parts = { uploads: new Blob([JSON.stringify(uploads)]), bytes: new Blob(['x'.repeat(keys.length)]) };
  return ada.send('POST', '/batches/upload-bundle', form(parts));
}

describe('bundle beside a partial chunk', () => {
  it('leaves the kept bytes of other uploads', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const { partial } = (await film.cut(upload_id, 0, 100_000)).json;
    const { results } = (await sendBundle(film, ['a', 'b'])).json;
    expect(await Promise.all(results.map(({ batch_id }: { batch_id: string }) => film.ada.download(batch_id)))).toEqual(
      ['x', 'x'],
    );
    expect((await film.ada.status(upload_id)).json.partial).toEqual(partial);
    await film.send(1);
    const { batch_id } = (await film.send(0, film.continuation(partial[0]))).json;
    expect((await film.download(batch_id)).equals(film.content)).toBe(true);
  });

  it('ends the session of its key with the kept bytes', async () => {
    const film = await Film.create();
    const upload_id = await film.open();
    const [partial] = (await film.cut(upload_id, 0, 100_000)).json.partial;
    const [{ batch_id }] = (await sendBundle(film, ['k'])).json.results;
    expect(await film.ada.download(batch_id)).toBe('x');
    expect(film.ada.server.sessions.ids).toEqual([]);
    expect(refusal(await film.ada.status(upload_id))).toBe('404 session_not_found');
    expect((await film.send(0, film.continuation(partial))).json.batch_id).toBe(batch_id);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });

  it('keeps nothing of a chunk of its key that is cut later', async () => {
    const film = await Film.create();
    await film.open();
    const chunk = await film.begin(0, 100_000);
    await sendBundle(film, ['k']);
    await chunk.cut();
    await film.ada.server.close();
    expect(film.ada.server.sessions.ids).toEqual([]);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });
});
