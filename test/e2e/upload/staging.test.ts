import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile, tempFolder } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 1024 * 1024;
const small = { chunkBytes: CHUNK };

describe('interrupted staging', () => {
  const fixture = withApp({ browser: 'own' });

  beforeAll(() => fixture.app.discoverServer(small));

  beforeEach(() => {
    // Slow enough to interrupt an upload in its middle.
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
  });

  it('resumes staging with the same file and refuses other content', async () => {
    const user = 'hurrier';
    const elsewhere = await tempFolder();
    const file = await makeFile(fixture.folder.dir, 'cut.bin', 30 * CHUNK);
    const other = await makeFile(elsewhere.dir, file.name, file.sizeBytes, 2);
    const tab = await fixture.app.signIn(user);
    await tab.evaluate(blockStaging);
    await queueFiles(tab, [file.path]);
    await until(() => tab.evaluate(isStagingBlocked), 'the blocked copy');
    await tab.evaluate(releaseOnePiece);
    // Only staged pieces can reveal a file with other content.
    const begun = async () =>
      (await fixture.app.uploads()).some(({ ownerId, stagedBytes }) => ownerId === user && stagedBytes > 0);
    await until(begun, 'the first staged piece');
    await tab.reload();
    await waitForRows(tab, 1, (row) => row.status === 'waiting: file' && !row.staged);
    const again = tab.locator('upload-row input[type=file]');
    await again.setInputFiles(other.path);
    await tab.getByRole('alert').getByText('This isn’t the file you chose before').waitFor();
    // A browser fires no event when the same file is chosen twice in a row.
    expect(await again.inputValue()).toBe('');
    await again.setInputFiles(file.path);
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(fixture.server, user, file);
    expect(fixture.server.sessions.ids).toEqual([]);
    await elsewhere.remove();
  });
});

describe('a deleted database', () => {
  // In memory: Chromium 156 sometimes hangs when its database on the disk is deleted while a page
  // uses it. Its I/O thread then stays busy until the browser is killed.
  const fixture = withApp();

  beforeAll(() => fixture.app.discoverServer(small));

  it('is created again by a reload', async () => {
    const user = 'cleaner';
    const [gone, file] = [
      await makeFile(fixture.folder.dir, 'gone.bin', 40 * CHUNK),
      await makeFile(fixture.folder.dir, 'kept.bin', 5 * CHUNK),
    ];
    const tab = await fixture.app.signIn(user, small);
    await fixture.server.holdChunks();
    await queueFiles(tab, [gone.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    const devtools = await fixture.app.context.newCDPSession(tab);
    await devtools.send('Storage.clearDataForOrigin', { origin: fixture.server.url(), storageTypes: 'indexeddb' });
    await tab.getByRole('alert').getByText('The browser closed this app’s storage').waitFor();
    fixture.server.releaseChunks();
    await Promise.all([tab.waitForEvent('load'), tab.getByRole('button', { name: 'Reload' }).click()]);
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    // No client is left to abort the session of the deleted upload.
    for (const id of fixture.server.sessions.ids) await fixture.server.sessions.lose(id);
    await expectArrived(fixture.server, user, file);
    expect(fixture.server.sessions.ids).toEqual([]);
  });
});

/**
 * Blocks staging before the next piece, until `releaseOnePiece`. Runs in a page of the app, as the
 * two functions below.
 */
function blockStaging(): Promise<void> {
  return new Promise((isHeld) => {
    void navigator.locks.request('store-pieces', () => {
      isHeld();
      return new Promise<void>((release) => Object.assign(window, { release }));
    });
  });
}

async function isStagingBlocked(): Promise<boolean> {
  const { pending = [] } = await navigator.locks.query();
  return pending.some(({ name }) => name === 'store-pieces');
}

/** Lets the waiting copy store one piece. The next one waits until the page closes. */
function releaseOnePiece(): void {
  void navigator.locks.request('store-pieces', () => new Promise<void>(() => undefined));
  (window as unknown as { release(): void }).release();
}
