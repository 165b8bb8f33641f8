import { describe, expect, it } from 'vitest';
import { peer, refusal, sha256, start, startWithPeer } from '../peer.ts';

const FEATURES = [
  'idempotency_key',
  'generation',
  'chunk_offset',
  'parallel_start',
  'encoded_filename',
  'file_size',
  'chunk_sha256',
  'ticket',
  'status',
  'received_ms',
  'recut',
  'partial',
  'receiving',
  'file_list',
  'bundle',
  'batch_pages',
  'batch_delete',
  'guest_links',
  'max_upload_bytes',
];
const LISTED = { features: FEATURES, max_upload_bytes: 100 * 1024 ** 3 };
const received_ms = expect.any(Number);

describe('chunked upload', () => {
  it('creates a session with chunk 0 and a batch with the last chunk', async () => {
    const ada = await startWithPeer();
    const first = await ada.chunk(0, 'one ');
    expect(first.status).toBe(200);
    expect(first.json).toEqual({
      upload_id: expect.any(String),
      ticket: expect.any(String),
      received_ms,
      ...LISTED,
    });
    const { upload_id } = first.json;
    expect((await ada.chunk(1, 'two ', { upload_id })).json).toEqual({ upload_id, received_ms, ...LISTED });
    const last = await ada.chunk(2, 'three', { upload_id, notes: '', profile_id: 0 });
    expect(last.json).toEqual({ upload_id, batch_id: expect.any(String), received_ms, ...LISTED });
    const { batch_id } = last.json;
    const shown = { batch_id, upload_type: 'file', task_id: null, notes: '', profile_id: 0 };
    expect((await ada.get(`/batches/${batch_id}`)).json).toMatchObject(shown);
    expect(await ada.download(batch_id)).toBe('one two three');
  });

  it('accepts unequal chunks in any order and reports which it has', async () => {
    const ada = await startWithPeer();
    const plan = { idempotency_key: 'k', file_size: 9 };
    const final = await ada.chunk(2, '89', { ...plan, chunk_offset: 7, notes: 'kept', profile_id: 7 });
    const { upload_id } = final.json;
    await ada.chunk(0, '1234', { ...plan, upload_id, chunk_offset: 0 });
    const status = await ada.status(upload_id);
    const ranges = [
      [0, 1],
      [2, 3],
    ];
    const received_bytes = [
      [0, 4],
      [7, 9],
    ];
    const progress = { generation: 0, total_chunks: 3, received: ranges, received_bytes, partial: [], receiving: [] };
    expect(status.json).toEqual({ upload_id, ...progress, ...LISTED });
    const { batch_id } = (await ada.chunk(1, '567', { ...plan, upload_id, chunk_offset: 4 })).json;
    expect(await ada.download(batch_id)).toBe('123456789');
    expect((await ada.get(`/batches/${batch_id}`)).json).toMatchObject({ notes: 'kept', profile_id: 7 });
    expect((await ada.status(upload_id)).json).toMatchObject({ batch_id, total_chunks: 3, received: [[0, 3]] });
  });

  it('accepts an empty file as one empty chunk', async () => {
    const ada = await startWithPeer();
    const { batch_id } = (await ada.chunk(0, '', { total_chunks: 1, file_size: 0 })).json;
    expect(await ada.download(batch_id)).toBe('');
  });

  it('replaces a chunk that is sent again', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, 'old', { total_chunks: 2 })).json;
    await ada.chunk(0, 'newer', { upload_id, total_chunks: 2 });
    const { batch_id } = (await ada.chunk(1, '!', { upload_id, total_chunks: 2 })).json;
    expect(await ada.download(batch_id)).toBe('newer!');
  });

  it('makes one batch when the last two chunks arrive at the same time', async () => {
    const ada = await startWithPeer();
    for (let round = 0; round < 10; round++) {
      const { upload_id } = (await ada.chunk(0, 'a', { idempotency_key: `k${round}` })).json;
      const both = await Promise.all([
        ada.chunk(1, 'b', { upload_id }),
        ada.chunk(2, 'c', { upload_id, idempotency_key: `k${round}` }),
      ]);
      const ids = both.map(({ json }) => json.batch_id).filter((id) => id !== undefined);
      expect(ids).toHaveLength(1);
      expect(await ada.download(ids[0])).toBe('abc');
    }
    expect(await ada.batches()).toHaveLength(10);
  });

  it('refuses a chunk whose digest does not match', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, 'good', { chunk_sha256: sha256('good').toUpperCase() })).json;
    const damaged = await ada.chunk(1, 'baad', { upload_id, chunk_sha256: sha256('good') });
    expect(refusal(damaged)).toBe('422 checksum_mismatch');
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
  });

  it('discards a session, but not one whose batch exists', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, 'x')).json;
    expect((await ada.send('DELETE', `/batches/upload-chunk/${upload_id}`)).status).toBe(204);
    expect(refusal(await ada.status(upload_id))).toBe('404 session_not_found');
    expect(refusal(await ada.chunk(1, 'x', { upload_id }))).toBe('404 session_not_found');
    const done = (await ada.chunk(0, 'x', { total_chunks: 1 })).json;
    const late = await ada.send('DELETE', `/batches/upload-chunk/${done.upload_id}`);
    expect(refusal(late)).toBe('409 already_finished');
    expect(late.json.batch_id).toBe(done.batch_id);
    expect(await ada.download(done.batch_id)).toBe('x');
  });

  it('either discards a session or makes its batch when both are requested', async () => {
    const ada = await startWithPeer();
    for (let round = 0; round < 10; round++) {
      const { upload_id } = (await ada.chunk(0, 'a', { total_chunks: 2 })).json;
      const [last, end] = await Promise.all([
        ada.chunk(1, 'b', { upload_id, total_chunks: 2 }),
        ada.send('DELETE', `/batches/upload-chunk/${upload_id}`),
      ]);
      expect([last.status, end.status]).toSatisfy(([a, b]) => (a === 200 ? b === 409 : a === 404 && b === 204));
      if (last.status === 200) expect(await ada.download(last.json.batch_id)).toBe('ab');
    }
  });
});

describe('idempotency key', () => {
  it('returns the same session and ticket for a repeated first chunk', async () => {
    const ada = await startWithPeer();
    const first = await ada.chunk(0, 'a', { idempotency_key: 'k', generation: 0 });
    const again = await ada.chunk(0, 'a', { idempotency_key: 'k', generation: 0 });
    expect(again.json).toEqual({ ...first.json, received_ms });
  });

  it('creates one session when two chunks arrive at the same time', async () => {
    const ada = await startWithPeer();
    const both = await Promise.all([0, 1].map((index) => ada.chunk(index, 'x', { idempotency_key: 'k' })));
    expect(new Set(both.map(({ json }) => json.upload_id)).size).toBe(1);
  });

  it('returns the batch of a finished key, whatever is sent', async () => {
    const ada = await startWithPeer();
    const { upload_id, batch_id } = (await ada.chunk(0, 'a', { total_chunks: 1, idempotency_key: 'k' })).json;
    const again = await ada.chunk(0, 'a', { total_chunks: 1, idempotency_key: 'k', generation: 5 });
    expect(again.json).toMatchObject({ upload_id, batch_id });
    expect((await ada.chunk(0, 'a', { total_chunks: 1, upload_id })).json.batch_id).toBe(batch_id);
    expect((await ada.direct('a', { idempotency_key: 'k' })).json.batch_id).toBe(batch_id);
    expect(await ada.batches()).toHaveLength(1);
    expect((await ada.get('/batches?idempotency_key=k')).json.batches).toMatchObject([
      { batch_id, idempotency_key: 'k' },
    ]);
    expect((await ada.get('/batches?idempotency_key=other')).json.batches).toEqual([]);
  });

  it('makes one batch of a whole upload that arrives twice at once', async () => {
    const ada = await startWithPeer();
    const both = await Promise.all([0, 1].map(() => ada.direct('a', { idempotency_key: 'k' })));
    expect(new Set(both.map(({ json }) => json.batch_id)).size).toBe(1);
    expect(await ada.batches()).toHaveLength(1);
  });

  it('makes separate batches of two users with the same key', async () => {
    const server = await start();
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    const adas = (await ada.chunk(0, 'a', { total_chunks: 1, idempotency_key: 'k' })).json;
    const bobs = (await bob.chunk(0, 'b', { total_chunks: 1, idempotency_key: 'k' })).json;
    expect(bobs.batch_id).not.toBe(adas.batch_id);
    expect(await bob.download(bobs.batch_id)).toBe('b');
  });
});

describe('generation', () => {
  it('replaces the session by one of a higher generation', async () => {
    const ada = await startWithPeer();
    const old = (await ada.chunk(0, 'abc', { idempotency_key: 'k', generation: 1, total_chunks: 2 })).json.upload_id;
    const plan = { idempotency_key: 'k', generation: 2 };
    const { upload_id } = (await ada.chunk(0, 'a', plan)).json;
    expect(upload_id).not.toBe(old);
    expect(refusal(await ada.chunk(1, 'd', { ...plan, generation: 1, upload_id: old }))).toBe('404 session_not_found');
    expect(refusal(await ada.status(old))).toBe('404 session_not_found');
    expect((await ada.status(upload_id)).json).toMatchObject({ generation: 2, received: [[0, 1]] });
  });

  it('refuses chunks of a lower generation', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, 'a', { idempotency_key: 'k', generation: 2 })).json;
    const late = { idempotency_key: 'k', generation: 1 };
    expect(refusal(await ada.chunk(0, 'a', late))).toBe('409 generation_superseded');
    expect(refusal(await ada.chunk(1, 'a', { ...late, upload_id }))).toBe('409 generation_superseded');
  });
});
