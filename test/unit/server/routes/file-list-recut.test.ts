import { describe, expect, it } from 'vitest';
import { downloadAll, ManyFiles, TRIP, toList } from '../many-files.ts';
import { folder, type Peer, peer, refusal, start, startWithPeer } from '../peer.ts';

const CONTENTS = TRIP.map(({ bytes }) => bytes);
const FILM = new ManyFiles({ send: () => Promise.reject() }, TRIP, 1).bytes;

/** Sends the bytes of another plan of the same upload, with a list or without. */
function send(ada: Peer, index: number, from: number, to: number, fields: Record<string, string | Blob> = {}) {
  const plan = { idempotency_key: 'many', generation: 0, file_size: FILM.length, file_count: TRIP.length };
  const all = { ...plan, total_chunks: 9, chunk_offset: from, ...fields };
  return ada.chunk(index, FILM.slice(from, to), all);
}

describe('upload of many files that is cut again', () => {
  it('completes with the list of chunk 0 and chunks of two plans', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await new ManyFiles(ada, TRIP, 10).send(0)).json;
    expect((await send(ada, 3, 15, FILM.length, { upload_id })).json).not.toHaveProperty('batch_id');
    const { batch_id } = (await send(ada, 7, 10, 15)).json;
    for (const isJoined of [false, true]) {
      if (isJoined) await ada.server.batches.joined();
      expect(await downloadAll(ada, batch_id, TRIP.length)).toEqual(CONTENTS);
    }
    expect((await ada.get(`/batches/${batch_id}`)).json).toMatchObject({ file_count: TRIP.length });
    expect((await ada.status(upload_id)).json).toMatchObject({ batch_id, received: [[0, 3]] });
  });

  it('makes no batch of all bytes while the list is missing', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await send(ada, 1, 0, 10)).json;
    const final = await send(ada, 8, 10, FILM.length, { is_final_chunk: 'true' });
    expect(final.json).not.toHaveProperty('batch_id');
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([[0, FILM.length]]);
    expect(await ada.batches()).toEqual([]);
    // Nothing is left for chunk 0 but the list.
    expect(refusal(await send(ada, 0, 0, 0))).toBe('422 bad_file_list');
    const file_list = new Blob([JSON.stringify(toList(TRIP))]);
    const { batch_id } = (await send(ada, 0, 0, 0, { file_list })).json;
    expect(await downloadAll(ada, batch_id, TRIP.length)).toEqual(CONTENTS);
  });

  it('keeps the list when chunk 0 comes again with another range', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await new ManyFiles(ada, TRIP, 10).send(0)).json;
    expect((await send(ada, 0, 0, 4)).status).toBe(200);
    expect((await ada.status(upload_id)).json.received_bytes).toEqual([[0, 4]]);
    const { batch_id } = (await send(ada, 5, 4, FILM.length)).json;
    expect(await downloadAll(ada, batch_id, TRIP.length)).toEqual(CONTENTS);
  });

  it('has the same number of files in all plans', async () => {
    const ada = await startWithPeer();
    await new ManyFiles(ada, TRIP, 10).send(0);
    expect(refusal(await send(ada, 3, 10, FILM.length, { file_count: '2' }))).toBe('409 total_changed');
  });

  it('completes after a restart between two plans', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    await new ManyFiles(before, TRIP, 10).send(0);
    await send(before, 3, 15, FILM.length);
    await before.server.close();
    const ada = await peer(await start({ dataDir }));
    const { batch_id } = (await send(ada, 7, 10, 15)).json;
    expect(await downloadAll(ada, batch_id, TRIP.length)).toEqual(CONTENTS);
  });
});
