import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createServer } from '../../../../src/server/server.ts';
import { openFolderStorage } from '../../../../src/server/store/folder/folder-storage.ts';
import { folder, peer, refusal, start } from '../peer.ts';

/** A folder with two batches and two sessions, whose server is stopped. */
async function createFolder() {
  const dataDir = await folder();
  const ada = await peer(await start({ dataDir }));
  const [good, bad] = [await ada.direct('good'), await ada.direct('bad')].map(({ json }) => json.batch_id);
  const [open, lost] = [await ada.chunk(0, 'open'), await ada.chunk(0, 'lost')].map(({ json }) => json.upload_id);
  await ada.server.batches.joined();
  await ada.server.close();
  return { dataDir, good, bad, open, lost };
}

/** Opens the storage and collects what it logs. */
async function openAndLog(dataDir: string): Promise<string[]> {
  const messages: string[] = [];
  const { close } = await openFolderStorage(dataDir, {
    log: { error: (_facts, message) => messages.push(message) },
  });
  await close();
  return messages;
}

async function listDamaged(dataDir: string): Promise<string[]> {
  const ids = await readdir(join(dataDir, 'damaged'));
  const entries = await Promise.all(
    ids.map(async (id) => {
      const [place = ''] = await readdir(join(dataDir, 'damaged', id));
      return (await readdir(join(dataDir, 'damaged', id, place))).map((name) => `${place}/${name}`);
    }),
  );
  return entries.flat().sort();
}

async function change(path: string, edit: (json: Record<string, unknown>) => unknown): Promise<void> {
  await writeFile(path, JSON.stringify(edit(JSON.parse(await readFile(path, 'utf8')))));
}

describe('damaged data folder', () => {
  it('starts, names damaged and foreign entries, and serves the others', async () => {
    const { dataDir, good, bad, open, lost } = await createFolder();
    await writeFile(join(dataDir, 'batches', bad, 'batch.json'), '{"batchId":"');
    await writeFile(join(dataDir, 'sessions', lost, 'session.json'), '');
    const foreign = [
      '.DS_Store',
      'batches/.DS_Store',
      'sessions/.DS_Store',
      'batches/Photos/a.jpg',
      'sessions/Photos/0',
    ];
    for (const path of foreign) {
      await mkdir(dirname(join(dataDir, path)), { recursive: true });
      await writeFile(join(dataDir, path), 'foreign');
    }
    const messages = await openAndLog(dataDir);
    const setAside = ['.DS_Store', 'Photos', bad].map((name) => `batches/${name}`);
    setAside.push(...['.DS_Store', 'Photos', lost].map((name) => `sessions/${name}`));
    expect(await listDamaged(dataDir)).toEqual(setAside.sort());
    const named = messages.map((message) => message.split(' is damaged: ')[0]);
    expect(named.sort()).toEqual(setAside);

    const ada = await peer(await start({ dataDir }));
    expect((await ada.batches()).map(({ batch_id }) => batch_id)).toEqual([good]);
    expect((await ada.status(open)).json.received).toEqual([[0, 1]]);
    expect(refusal(await ada.status(lost))).toBe('404 session_not_found');
  });

  it('serves a batch again whose repaired folder was moved back', async () => {
    const { dataDir, bad } = await createFolder();
    const manifest = join(dataDir, 'batches', bad, 'batch.json');
    const intact = await readFile(manifest);
    await writeFile(manifest, '[]');
    await openAndLog(dataDir);
    const [id = ''] = await readdir(join(dataDir, 'damaged'));
    const aside = join(dataDir, 'damaged', id, 'batches', bad);
    await writeFile(join(aside, 'batch.json'), intact);
    await cp(aside, join(dataDir, 'batches', bad), { recursive: true });
    expect(await (await peer(await start({ dataDir }))).download(bad)).toBe('bad');
  });

  it.each([
    [
      'a copied folder',
      async (dataDir: string, bad: string) => {
        await cp(join(dataDir, 'batches', bad), join(dataDir, 'batches', `${bad} copy`), { recursive: true });
        return [`batches/${bad} copy`];
      },
    ],
    [
      'a path out of the folder',
      async (dataDir: string, bad: string) => {
        await change(join(dataDir, 'batches', bad, 'batch.json'), (json) => ({
          ...json,
          files: [
            { name: 'x', type: '', sizeBytes: 1, sha256: 'x', parts: [{ path: 'batches/../auth.json', sizeBytes: 1 }] },
          ],
        }));
        return [`batches/${bad}`];
      },
    ],
    [
      'a member of another type',
      async (dataDir: string, bad: string) => {
        await change(join(dataDir, 'batches', bad, 'batch.json'), (json) => ({ ...json, createdAt: 'today' }));
        return [`batches/${bad}`];
      },
    ],
    [
      'a missing manifest',
      async (dataDir: string, bad: string) => {
        await rm(join(dataDir, 'batches', bad, 'batch.json'));
        return [`batches/${bad}`];
      },
    ],
  ])('sets aside %s', async (_what, damage) => {
    const { dataDir, bad } = await createFolder();
    const expected = await damage(dataDir, bad);
    expect(await openAndLog(dataDir)).toHaveLength(1);
    expect(await listDamaged(dataDir)).toEqual(expected);
  });

  it('sets aside a session whose details or facts are damaged', async () => {
    const { dataDir, open, lost } = await createFolder();
    await writeFile(join(dataDir, 'sessions', open, 'details.json'), '{}');
    await change(join(dataDir, 'sessions', lost, 'session.json'), (json) => ({ ...json, id: open }));
    expect(await openAndLog(dataDir)).toHaveLength(2);
    expect(await listDamaged(dataDir)).toEqual([open, lost].map((id) => `sessions/${id}`).sort());
  });
});

describe('version of the stored formats', () => {
  it('is 1 in every JSON file of uploads', async () => {
    const { dataDir, good, open } = await createFolder();
    const ada = await peer(await start({ dataDir }));
    await ada.chunk(1, 'more', { upload_id: open, file_size: 90 });
    for (const path of [
      `batches/${good}/batch.json`,
      `sessions/${open}/session.json`,
      `sessions/${open}/details.json`,
    ]) {
      expect(JSON.parse(await readFile(join(dataDir, path), 'utf8')).version).toBe(1);
    }
  });

  it.each(['batches', 'sessions'] as const)('stops the start when a newer server wrote to %s', async (place) => {
    const { dataDir, good, open } = await createFolder();
    const path = join(dataDir, ...(place === 'batches' ? [place, good, 'batch.json'] : [place, open, 'session.json']));
    await change(path, (json) => ({ ...json, version: 2 }));
    await expect(createServer({ dataDir })).rejects.toThrow(`${path} has version 2, of a newer server.`);
  });
});
