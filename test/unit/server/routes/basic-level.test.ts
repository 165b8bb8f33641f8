import { describe, expect, it } from 'vitest';
import { peer, refusal, start, startWithPeer } from '../peer.ts';

describe('server at the basic level', () => {
  const basic = () => startWithPeer({ level: 'basic' });

  it('sends the responses of the basic level without a feature list', async () => {
    const ada = await basic();
    const first = await ada.chunk(0, 'a');
    expect(first.json).toEqual({ upload_id: expect.any(String) });
    const { upload_id } = first.json;
    expect((await ada.chunk(1, 'b', { upload_id })).json).toEqual({ upload_id });
    const last = await ada.chunk(2, 'c', { upload_id, notes: 'n', profile_id: 0 });
    expect(last.json).toEqual({ upload_id, batch_id: expect.any(String) });
    expect(ada.server.batches.list('ada')).toMatchObject([{ notes: 'n', profileId: 0 }]);
    expect((await ada.direct('x')).json).not.toHaveProperty('features');
  });

  it('ignores the fields of extensions, whatever their values', async () => {
    const ada = await basic();
    const wrong = {
      idempotency_key: '',
      generation: 'x',
      chunk_offset: -1,
      file_size: 'x',
      chunk_sha256: 'x',
      ticket: '',
    };
    const first = (await ada.chunk(0, 'a', { ...wrong, total_chunks: 2 })).json;
    const key = { idempotency_key: 'k', file_size: 999, chunk_offset: 500 };
    const second = (await ada.chunk(0, 'a', { ...key, total_chunks: 2 })).json;
    const third = (await ada.chunk(0, 'a', { ...key, total_chunks: 2 })).json;
    expect(new Set([first, second, third].map(({ upload_id }) => upload_id)).size).toBe(3);
    const done = await ada.chunk(1, 'b', { ...key, total_chunks: 2, upload_id: second.upload_id });
    expect(done.json.batch_id).toEqual(expect.any(String));
  });

  it('makes a batch of every whole upload, also with the same key', async () => {
    const ada = await basic();
    const ids = [await ada.direct('x', { idempotency_key: 'k' }), await ada.direct('x', { idempotency_key: 'k' })];
    expect(new Set(ids.map(({ json }) => json.batch_id)).size).toBe(2);
  });

  it('finishes an upload with its final chunk only', async () => {
    const ada = await basic();
    const { upload_id } = (await ada.chunk(0, 'a')).json;
    expect(refusal(await ada.chunk(2, 'c', { upload_id }))).toBe('409 chunks_missing');
    expect((await ada.chunk(1, 'b', { upload_id })).json).toEqual({ upload_id });
    expect((await ada.chunk(2, 'c', { upload_id })).json.batch_id).toEqual(expect.any(String));
  });

  it('creates a session for chunk 0 only', async () => {
    const ada = await basic();
    expect((await ada.chunk(1, 'b', { idempotency_key: 'k' })).json).toMatchObject({
      error: 'bad_field',
      field: 'upload_id',
    });
    expect(refusal(await ada.chunk(1, 'b', { upload_id: 'none' }))).toBe('404 session_not_found');
    const bob = await peer(ada.server, 'bob');
    const { upload_id } = (await ada.chunk(0, 'a')).json;
    expect(refusal(await bob.chunk(1, 'b', { upload_id }))).toBe('404 session_not_found');
  });

  it('has no routes to query sessions and to list batches', async () => {
    const ada = await basic();
    const { upload_id } = (await ada.chunk(0, 'a')).json;
    for (const path of [`/batches/upload-chunk/${upload_id}`, '/batches', '/batches/x', '/batches/x/files/0']) {
      expect(refusal(await ada.get(path))).toBe('404 not_found');
    }
    expect(refusal(await ada.send('DELETE', `/batches/upload-chunk/${upload_id}`))).toBe('404 not_found');
  });

  it('allows other origins the Authorization header and no other', async () => {
    const server = await start({ level: 'basic', allowedOrigins: ['https://app.example'] });
    const ask = (origin: string) =>
      fetch(`${server.url()}/api/batches/upload`, { method: 'OPTIONS', headers: { Origin: origin } });
    const yes = await ask('https://app.example');
    expect([yes.status, yes.headers.get('Access-Control-Allow-Headers')]).toEqual([204, 'authorization']);
    expect(yes.headers.get('Access-Control-Allow-Methods')).toBe('GET, POST, DELETE');
    const no = await ask('https://other.example');
    expect(no.headers.get('Access-Control-Allow-Origin')).toBeNull();
    const ada = await peer(server);
    const refused = await ada.send('POST', '/batches/upload', '', { Origin: 'https://app.example' });
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe('https://app.example');
    expect(refused.headers.get('Access-Control-Expose-Headers')).toBe('Retry-After');
  });
});
