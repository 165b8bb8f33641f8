import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { countPieces, readAccessToken } from '../../page-objects/browser-db.ts';
import { isCompleted, queueFiles, readRows, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
const small = { chunkBytes: CHUNK };

describe('signing out in mid-upload', () => {
  const fixture = withApp({ browser: 'own' });
  let chunkRequests = 0;

  beforeAll(() => fixture.app.discoverServer(small));

  beforeEach(() => {
    fixture.server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      chunkRequests++;
      return { kind: 'delay', delayMs: 60 };
    };
  });

  /** Waits for a number of chunks, then makes the server hold the rest. */
  async function holdAfter(user: string, count: number): Promise<void> {
    await until(() => fixture.server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
    await fixture.server.holdChunks();
  }

  it('hides the uploads of a user who signed out until the next sign-in', async () => {
    const user = 'leaver';
    const [file, other] = [
      await makeFile(fixture.folder.dir, 'left.bin', 40 * CHUNK),
      await makeFile(fixture.folder.dir, 'other.bin', 9),
    ];
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await holdAfter(user, 5);
    await waitForRows(tab, 1, (row) => row.staged);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Keep and sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    expect(await readRows(tab)).toEqual([]);
    expect(await readAccessToken(tab)).toBeNull();
    const next = await fixture.app.signIn('guest', small);
    await next.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await readRows(next)).toEqual([]);
    const sentBefore = chunkRequests;
    // A driver that waits for these responses would continue now.
    fixture.server.releaseChunks();
    await queueFiles(next, [other.path]);
    await waitForRows(next, 1, isCompleted);
    await expectArrived(fixture.server, 'guest', other);
    expect(chunkRequests).toBe(sentBefore);
    expect(fixture.server.batches.list(user)).toEqual([]);
    const back = await fixture.app.signIn(user, small);
    await waitForRows(back, 1, isCompleted);
    await expectArrived(fixture.server, user, file);
  });

  it('removes uploads with all staged pieces on request at sign-out', async () => {
    const user = 'remover';
    const file = await makeFile(fixture.folder.dir, 'removed.bin', 40 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await holdAfter(user, 5);
    await waitForRows(tab, 1, (row) => row.staged);
    const [{ id = '' } = {}] = await readRows(tab);
    expect(await tab.evaluate(countPieces, id)).toBeGreaterThan(0);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Delete and sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    expect((await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user)).toEqual([]);
    expect(await tab.evaluate(countPieces, id)).toBe(0);
    const back = await fixture.app.signIn(user, small);
    await back.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await readRows(back)).toEqual([]);
    expect(fixture.server.batches.list(user)).toEqual([]);
  });
});
