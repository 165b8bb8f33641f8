import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeFile, type TestFile, tempFolder } from '../../fixtures/files.ts';
import { downloadedSha256, until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, type Row, readRows, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

const CHUNK = 1024 * 1024;
const small = { chunkBytes: CHUNK };

// The driver of these tests is attached to the worker, which switches its time limits off: they show that work goes on after
// an interruption, not how long a worker may live.
describe('an upload goes on when', () => {
  const made = withApp();

  beforeAll(() => made.app.discoverServer(small));

  beforeEach(() => {
    // Slow enough that there is a middle to interrupt.
    made.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
  });

  /** Each test is a user of its own, with one batch in the end. */
  async function expectArrived(user: string, file: TestFile): Promise<void> {
    const batches = made.server.batches.list(user);
    expect(batches.map(({ files }) => files.map(({ name }) => name))).toEqual([[file.name]]);
    const token = await made.server.issueToken(user);
    expect(await downloadedSha256(`${made.server.url()}/api`, token, batches[0]?.batchId ?? '')).toBe(file.sha256);
    expect(made.server.sessions.ids).toEqual([]);
  }

  async function chunks(user: string, count: number): Promise<void> {
    await until(() => made.server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
  }

  it('every tab is closed once it is staged', async () => {
    const user = 'closer';
    const file = await makeFile(made.folder.dir, 'closed.bin', 40 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await chunks(user, 5);
    await made.server.holdChunks();
    await waitForRows(tab, 1, (row) => row.staged && row.chunk0);
    await made.app.closeTabs();
    made.server.releaseChunks();
    await until(() => made.server.batches.list(user).length > 0, 'the batch of a closed tab');
    await expectArrived(user, file);
  });

  it('the worker was killed three times, and no acknowledged chunk is sent again', async () => {
    const user = 'killer';
    const file = await makeFile(made.folder.dir, 'killed.bin', 60 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    const marks: number[] = [];
    for (const count of [10, 25, 40]) {
      await chunks(user, count);
      marks.push(made.server.acknowledgedChunks(user).length);
      await made.app.killWorker(tab);
      // What the page hears when its network comes back; without it the slow timer would do the same within 20 s.
      await tab.evaluate(() => void dispatchEvent(new Event('online')));
    }
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(user, file);
    const all = made.server.acknowledgedChunks(user);
    for (const mark of marks) {
      const acknowledged = new Set(all.slice(0, mark));
      expect(all.slice(mark).filter((index) => acknowledged.has(index))).toEqual([]);
    }
    expect(new Set(all).size).toBe(60);
  });

  it('it was queued offline and the link comes back', async () => {
    const user = 'traveller';
    const file = await makeFile(made.folder.dir, 'offline.bin', 5 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await made.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    expect(made.server.acknowledgedChunks(user)).toEqual([]);
    await made.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(user, file);
  });

  it('it was queued offline, every tab is closed, and the link comes back', async () => {
    const user = 'sleeper';
    const file = await makeFile(made.folder.dir, 'asleep.bin', 5 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await made.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    // Background Sync is what wakes the worker then; earlier alarms may be waiting for their next attempt.
    await until(() => tab.evaluate(hasLinkAlarm), 'an alarm for the return of the link');
    await made.app.closeTabs();
    await made.app.context.setOffline(false);
    await until(() => made.server.batches.list(user).length > 0, 'the batch of an upload that nobody watched');
    await expectArrived(user, file);
  });

  it.each([1, 2, 3])('the page is reloaded at random moments (seed %i)', async (seed) => {
    const user = `reloader ${seed}`;
    const file = await makeFile(made.folder.dir, `reloaded ${seed}.bin`, 40 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    for (const count of randomMarks(seed, 4, 36)) {
      await chunks(user, count);
      await tab.reload();
    }
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(user, file);
    expect(made.server.acknowledgedChunks(user)).toHaveLength(40);
  });

  it('two tabs watch, and both show the same bytes, also the one that was opened in the middle', async () => {
    const user = 'watcher';
    const file = await makeFile(made.folder.dir, 'watched.bin', 60 * CHUNK);
    const first = await made.app.signIn(user, small);
    await queueFiles(first, [file.path]);
    await chunks(user, 10);
    await made.server.holdChunks();
    const second = await made.app.openTab();
    await waitForRows(second, 1, (row) => row.chunk0);
    made.server.releaseChunks();
    for (const count of [20, 35, 50]) {
      await chunks(user, count);
      await made.server.holdChunks();
      const bytes = made.server.acknowledgedChunks(user).length * CHUNK;
      // Never more than what was acknowledged and one chunk on its way.
      const isTrue = (row: Row) => row.bytes >= bytes && row.bytes < bytes + CHUNK;
      for (const tab of [first, second]) await waitForRows(tab, 1, isTrue);
      const shown = async (tab: Page) => (await readRows(tab))[0]?.bytes;
      await until(async () => (await shown(first)) === (await shown(second)), 'the same bytes in both tabs');
      made.server.releaseChunks();
    }
    const isWhole = (row: Row) => isCompleted(row) && row.bytes === file.sizeBytes;
    const [a, b] = await Promise.all([waitForRows(first, 1, isWhole), waitForRows(second, 1, isWhole)]);
    expect(a).toEqual(b);
    await expectArrived(user, file);
  });

  it('staging was cut off and the same file is chosen again; one with other content is refused', async () => {
    const user = 'hurrier';
    const elsewhere = await tempFolder();
    const file = await makeFile(made.folder.dir, 'cut.bin', 30 * CHUNK);
    const other = await makeFile(elsewhere.dir, file.name, file.sizeBytes, 2);
    const tab = await made.app.signIn(user);
    await tab.evaluate(holdCopying);
    await queueFiles(tab, [file.path]);
    await until(() => tab.evaluate(waitsToCopy), 'the copying');
    await tab.evaluate(letOnePieceThrough);
    // Of what nothing is staged yet no other version can be told apart.
    const begun = async () =>
      (await made.app.uploads()).some(({ ownerId, stagedBytes }) => ownerId === user && stagedBytes > 0);
    await until(begun, 'the first staged piece');
    await tab.reload();
    await waitForRows(tab, 1, (row) => row.status === 'waiting: file' && !row.staged);
    const again = tab.locator('upload-row input[type=file]');
    await again.setInputFiles(other.path);
    await tab.getByRole('alert').getByText('not the file that was chosen before').waitFor();
    // A browser says nothing of a choice that is the last one again.
    expect(await again.inputValue()).toBe('');
    await again.setInputFiles(file.path);
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(user, file);
    await elsewhere.remove();
  });

  it('the browser removes what was stored and closes the database, once the page is loaded again as it says', async () => {
    const user = 'cleaner';
    const [gone, file] = [
      await makeFile(made.folder.dir, 'gone.bin', 40 * CHUNK),
      await makeFile(made.folder.dir, 'kept.bin', 5 * CHUNK),
    ];
    const tab = await made.app.signIn(user, small);
    await made.server.holdChunks();
    await queueFiles(tab, [gone.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    const devtools = await made.app.context.newCDPSession(tab);
    await devtools.send('Storage.clearDataForOrigin', { origin: made.server.url(), storageTypes: 'indexeddb' });
    await tab.getByRole('alert').getByText('The browser has closed the database of this app').waitFor();
    made.server.releaseChunks();
    await Promise.all([tab.waitForEvent('load'), tab.getByRole('button', { name: 'Reload' }).click()]);
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    // Nobody is left to end the session of what was removed.
    for (const id of made.server.sessions.ids) await made.server.sessions.lose(id);
    await expectArrived(user, file);
  });

  it('it was paused and is resumed; a cancelled one leaves nothing on the server', async () => {
    const user = 'changer';
    const file = await makeFile(made.folder.dir, 'paused.bin', 40 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await chunks(user, 5);
    await made.server.holdChunks();
    await tab.getByRole('button', { name: 'Pause', exact: true }).click();
    await waitForRows(tab, 1, (row) => row.status === 'paused');
    made.server.releaseChunks();
    expect(made.server.batches.list(user)).toEqual([]);
    await tab.getByRole('button', { name: 'Resume', exact: true }).click();
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(user, file);
    const before = made.server.acknowledgedChunks(user).length;
    const doomed = await makeFile(made.folder.dir, 'doomed.bin', 60 * CHUNK);
    await queueFiles(tab, [doomed.path]);
    await chunks(user, before + 5);
    await made.server.holdChunks();
    const endToast = await holdToastTimers(tab);
    await tab.getByRole('button', { name: 'Cancel', exact: true }).click();
    // It stands still at once, and is cancelled when the time to undo is over.
    await waitForRows(tab, 2, ({ name, status }) => status === (name === doomed.name ? 'paused' : 'completed'));
    made.server.releaseChunks();
    await endToast();
    await until(() => made.server.sessions.ids.length === 0, 'the session to be discarded');
    await waitForRows(tab, 2, ({ name, status }) => status === (name === doomed.name ? 'cancelled' : 'completed'));
    await expectArrived(user, file);
  });
});

/** Whether the worker will be woken when the link is back; lib.dom does not know Background Sync. */
async function hasLinkAlarm(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as { sync?: { getTags(): Promise<string[]> } };
  return ((await registration.sync?.getTags()) ?? []).includes('upload-alarm-link');
}

/** Has whatever copies files wait before its next piece, until `letOnePieceThrough`. Runs in a page of the app, as the two below. */
function holdCopying(): Promise<void> {
  return new Promise((isHeld) => {
    void navigator.locks.request('storing pieces', () => {
      isHeld();
      return new Promise<void>((release) => Object.assign(window, { release }));
    });
  });
}

async function waitsToCopy(): Promise<boolean> {
  const { pending = [] } = await navigator.locks.query();
  return pending.some(({ name }) => name === 'storing pieces');
}

/** Lets who waits copy one piece; whoever comes next waits until the page is gone. */
function letOnePieceThrough(): void {
  void navigator.locks.request('storing pieces', () => new Promise<void>(() => undefined));
  (window as unknown as { release(): void }).release();
}

/** Numbers below `limit` in rising order, the same for the same seed (a Lehmer generator). */
function randomMarks(seed: number, count: number, limit: number): number[] {
  let state = seed * 7919;
  const marks = Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  });
  return marks.sort((a, b) => a - b);
}
