import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Film } from '../film.ts';
import { peer, start } from '../peer.ts';

const KIB = 1024;

/** A film with two kept parts of chunk 0, the folder of its session, and the files in it. */
async function keepTwoParts() {
  const film = await Film.create();
  const upload_id = await film.open();
  const [first] = (await film.cut(upload_id, 0, 70_000)).json.partial;
  const [second] = (await film.cut(upload_id, 0, 80_000, film.continuation(first))).json.partial;
  const folder = join(film.dataDir, 'sessions', upload_id);
  return { film, upload_id, folder, second, chunk: `2-${512 * KIB}-${256 * KIB}` };
}

async function listChunks(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.endsWith('.json')).sort();
}

describe('files of a session', () => {
  it('name the parts of a chunk, before and after it is complete', async () => {
    const { film, folder, second, chunk } = await keepTwoParts();
    const parts = ['partial-0-0-70000', 'partial-0-70000-80000'];
    expect(await listChunks(folder)).toEqual([chunk, ...parts]);
    await film.send(0, film.continuation(second));
    const last = `0-0-${256 * KIB}-${256 * KIB - 150_000}`;
    expect(await listChunks(folder)).toEqual([last, chunk, ...parts]);
    await film.send(0);
    expect(await listChunks(folder)).toEqual([`0-0-${256 * KIB}`, chunk]);
  });

  it('keep the joined parts only until the batch is joined', async () => {
    const { film, upload_id, second } = await keepTwoParts();
    await film.send(0, film.continuation(second));
    const { batch_id } = (await film.send(1)).json;
    await film.ada.server.batches.joined();
    expect(await readdir(join(film.dataDir, 'sessions'))).not.toContain(upload_id);
    expect((await readdir(join(film.dataDir, 'batches', batch_id))).sort()).toEqual(['batch.json', 'file-0']);
  });
});

describe('start of the server', () => {
  it('removes the parts of a chunk that was stored whole before a stop', async () => {
    const { film, upload_id, folder, chunk } = await keepTwoParts();
    await film.ada.server.close();
    await writeFile(join(folder, `0-0-${256 * KIB}`), film.content.subarray(0, 256 * KIB));
    const ada = await peer(await start({ dataDir: film.dataDir }));
    expect((await ada.status(upload_id)).json).toMatchObject({
      received: [
        [0, 1],
        [2, 3],
      ],
      partial: [],
    });
    expect(await listChunks(folder)).toEqual([`0-0-${256 * KIB}`, chunk]);
  });

  it('removes parts that overlap a stored chunk, and parts after a gap', async () => {
    const { film, upload_id, folder, chunk } = await keepTwoParts();
    await film.ada.server.close();
    await writeFile(join(folder, 'partial-1-600000-70000'), film.content.subarray(600_000, 670_000));
    await writeFile(join(folder, 'partial-0-160000-5'), film.content.subarray(160_000, 160_005));
    const ada = await peer(await start({ dataDir: film.dataDir }));
    const { partial } = (await ada.status(upload_id)).json;
    expect(partial).toEqual([{ chunk_index: 0, offset: 0, size_bytes: 150_000, sha256: film.digest(0, 150_000) }]);
    expect(await listChunks(folder)).toEqual([chunk, 'partial-0-0-70000', 'partial-0-70000-80000']);
  });

  it('removes a chunk whose first parts are missing', async () => {
    const { film, upload_id, folder, second, chunk } = await keepTwoParts();
    await film.send(0, film.continuation(second));
    await film.ada.server.close();
    await rm(join(folder, 'partial-0-70000-80000'));
    const ada = await peer(await start({ dataDir: film.dataDir }));
    const status = (await ada.status(upload_id)).json;
    expect(status).toMatchObject({ received: [[2, 3]], partial: [{ chunk_index: 0, size_bytes: 70_000 }] });
    expect(await listChunks(folder)).toEqual([chunk, 'partial-0-0-70000']);
  });

  it('reads the newest of two files of a chunk, and removes the other', async () => {
    for (const newest of ['0-0-5', '0-0-6']) {
      const film = await Film.create();
      const upload_id = await film.open();
      const folder = join(film.dataDir, 'sessions', upload_id);
      await film.ada.server.close();
      for (const name of ['0-0-5', '0-0-6']) {
        await writeFile(join(folder, name), 'x'.repeat(Number(name.at(-1))));
        await utimes(join(folder, name), 1000, name === newest ? 2000 : 1000);
      }
      const ada = await peer(await start({ dataDir: film.dataDir }));
      expect((await ada.status(upload_id)).json.received_bytes[0]).toEqual([0, Number(newest.at(-1))]);
      expect(await listChunks(folder)).toContain(newest);
      expect(await listChunks(folder)).toHaveLength(2);
    }
  });
});
