import { describe, expect, it } from 'vitest';
import { folder, type Peer, peer, refusal, start, startWithPeer } from '../peer.ts';

const PLAN = { idempotency_key: 'k', generation: 0, file_size: 10 };

/** Sends a chunk of `0123456789`. */
function send(ada: Peer, index: number, total_chunks: number, from: number, to: number, fields = {}) {
  const bytes = '0123456789'.slice(from, to);
  return ada.chunk(index, bytes, { ...PLAN, total_chunks, chunk_offset: from, ...fields });
}

describe('recut', () => {
  it('makes the batch when chunks of different plans cover the file', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await send(ada, 0, 2, 0, 5)).json;
    expect((await send(ada, 3, 4, 8, 10, { upload_id })).json).not.toHaveProperty('batch_id');
    expect((await send(ada, 1, 7, 6, 8)).json).not.toHaveProperty('batch_id');
    const { batch_id } = (await send(ada, 6, 7, 5, 6)).json;
    expect(await ada.download(batch_id)).toBe('0123456789');
    const status = (await ada.status(upload_id)).json;
    expect(status).toMatchObject({ batch_id, total_chunks: 4, received: [[0, 4]], received_bytes: [[0, 10]] });
  });

  it('makes no batch while a range is missing, whatever the counts say', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await send(ada, 0, 2, 0, 5)).json;
    expect((await send(ada, 1, 2, 6, 10, { is_final_chunk: true })).json).not.toHaveProperty('batch_id');
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([
      [0, 5],
      [6, 10],
    ]);
    expect(await ada.batches()).toEqual([]);
    const { batch_id } = (await send(ada, 9, 10, 5, 6, { is_final_chunk: false })).json;
    expect(await ada.download(batch_id)).toBe('0123456789');
  });

  it('replaces the chunk of an index by another range', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await send(ada, 1, 3, 4, 8)).json;
    await send(ada, 1, 2, 2, 10);
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([[2, 10]]);
    const { batch_id } = (await send(ada, 0, 2, 0, 2)).json;
    expect(await ada.download(batch_id)).toBe('0123456789');
  });

  it('refuses a chunk that overlaps one of another plan', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await send(ada, 1, 3, 4, 8)).json;
    expect(refusal(await send(ada, 0, 2, 0, 5))).toBe('409 chunks_overlap');
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([[4, 8]]);
  });

  it('continues after a restart', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const { upload_id } = (await send(before, 0, 2, 0, 5)).json;
    await send(before, 5, 6, 8, 10);
    await before.server.close();
    const ada = await peer(await start({ dataDir }));
    expect((await ada.status(upload_id)).json).toMatchObject({
      received_bytes: [
        [0, 5],
        [8, 10],
      ],
    });
    const { batch_id } = (await send(ada, 1, 3, 5, 8)).json;
    expect(await ada.download(batch_id)).toBe('0123456789');
  });

  it('makes the batch of an empty file', async () => {
    const ada = await startWithPeer();
    const { upload_id, batch_id } = (await ada.chunk(0, '', { ...PLAN, file_size: 0, chunk_offset: 0 })).json;
    expect(await ada.download(batch_id)).toBe('');
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([]);
  });

  it('keeps the total of an upload whose chunks state no positions', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, 'a', { idempotency_key: 'k', total_chunks: 2 })).json;
    const other = { idempotency_key: 'k', upload_id, total_chunks: 3 };
    expect(refusal(await ada.chunk(1, 'b', other))).toBe('409 total_changed');
    expect(refusal(await ada.chunk(1, 'b', { ...other, chunk_offset: 1 }))).toBe('409 total_changed');
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([]);
  });
});
