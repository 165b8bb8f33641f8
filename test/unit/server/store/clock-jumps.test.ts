import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { folder, type Peer, passHours, peer, start } from '../peer.ts';

const DAY_MS = 24 * 60 * 60_000;
const RETENTION = { retentionDays: 30 };

/** Moves the clock of this process by so many days. Timers keep their own time. */
function setClock(days: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * DAY_MS });
}

afterEach(() => void vi.useRealTimers());

/** A folder with an unfinished upload and a batch, whose server is stopped. */
async function createFolder() {
  const dataDir = await folder();
  const ada = await peer(await start({ dataDir }));
  const { upload_id } = (await ada.chunk(0, 'open')).json;
  const { batch_id } = (await ada.direct('done')).json;
  await passHours(ada.server, 1);
  await ada.server.close();
  return { dataDir, upload_id, batch_id };
}

async function expectAll(ada: Peer, { upload_id, batch_id }: { upload_id: string; batch_id: string }): Promise<void> {
  expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
  expect(await ada.download(batch_id)).toBe('done');
}

describe('clock that jumps', () => {
  it.each([2, 400])('deletes nothing at a start %i days ahead', async (days) => {
    const stored = await createFolder();
    setClock(days);
    const { dataDir } = stored;
    await expectAll(await peer(await start({ dataDir, ...RETENTION })), stored);
  });

  it('deletes nothing while a server runs', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir, ...RETENTION }));
    const { upload_id } = (await ada.chunk(0, 'open')).json;
    const { batch_id } = (await ada.direct('done')).json;
    await passHours(ada.server, 3);
    await ada.server.cleanUp.run(Date.now() + 400 * DAY_MS);
    await ada.server.cleanUp.run(Date.now() - 400 * DAY_MS);
    await ada.server.cleanUp.run(Date.now() + 1);
    await expectAll(ada, { upload_id, batch_id });
  });

  it('dates no batch back by years, which would expire at once', async () => {
    const { dataDir } = await createFolder();
    setClock(-400);
    const ada = await peer(await start({ dataDir, ...RETENTION }));
    const { batch_id, created_at } = (await ada.direct('done')).json;
    expect(Date.parse(created_at)).toBeGreaterThan(Date.now() + 399 * DAY_MS);
    vi.useRealTimers();
    await ada.server.cleanUp.run(Date.now());
    const later = await peer(ada.server);
    expect((await later.batches()).map((batch) => batch.batch_id)).toContain(batch_id);
  });

  it('starts with a damaged record of the clock', async () => {
    const stored = await createFolder();
    await writeFile(join(stored.dataDir, 'clock.json'), '{');
    await expectAll(await peer(await start({ dataDir: stored.dataDir })), stored);
  });
});
