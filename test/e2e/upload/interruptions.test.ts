import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile, type TestFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, type Row, readRows, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

const CHUNK = 1024 * 1024;
/** Over HTTP/1.1. */
const MAX_IN_FLIGHT = 5;
const small = { chunkBytes: CHUNK };

// Playwright is attached to the worker, which disables its time limits: the tests show that an
// upload continues after an interruption, not how long a worker lives.
describe('interrupted uploads', () => {
  const fixture = withApp({ browser: 'own' });

  beforeAll(() => fixture.app.discoverServer(small));

  beforeEach(() => {
    // Slow enough to interrupt an upload in its middle.
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
  });

  /** Each test has its own user, who ends with one batch. */
  async function expectOneBatch(user: string, file: TestFile): Promise<void> {
    await expectArrived(fixture.server, user, file);
    expect(fixture.server.sessions.ids).toEqual([]);
  }

  async function waitForChunks(user: string, count: number): Promise<void> {
    await until(() => fixture.server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
  }

  it('completes after every tab was closed once the file is staged', async () => {
    const user = 'closer';
    const file = await makeFile(fixture.folder.dir, 'closed.bin', 40 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await waitForChunks(user, 5);
    await fixture.server.holdChunks();
    await waitForRows(tab, 1, (row) => row.staged && row.chunk0);
    await fixture.app.closeTabs();
    fixture.server.releaseChunks();
    await until(() => fixture.server.batches.list(user).length > 0, 'the batch of a closed tab');
    await expectOneBatch(user, file);
  });

  it('resends no acknowledged chunk after the worker was killed 3 times', async () => {
    const user = 'killer';
    const file = await makeFile(fixture.folder.dir, 'killed.bin', 60 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    // The page notices the end of the worker without its timer.
    await tab.addInitScript(() => Object.assign(window, { setInterval: () => 0 }));
    await tab.reload();
    await tab.locator('#files').waitFor();
    await queueFiles(tab, [file.path]);
    const marks: number[] = [];
    for (const count of [10, 25, 40]) {
      await waitForChunks(user, count);
      marks.push(fixture.server.acknowledgedChunks(user).length);
      await fixture.app.killWorker(tab);
    }
    await waitForRows(tab, 1, isCompleted);
    await expectOneBatch(user, file);
    const all = fixture.server.acknowledgedChunks(user);
    for (const mark of marks) {
      const acknowledged = new Set(all.slice(0, mark));
      expect(all.slice(mark).filter((index) => acknowledged.has(index))).toEqual([]);
    }
    expect(new Set(all).size).toBe(60);
  });

  it('uploads a file that was queued offline when online again', async () => {
    const user = 'traveller';
    const file = await makeFile(fixture.folder.dir, 'offline.bin', 5 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await fixture.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    expect(fixture.server.acknowledgedChunks(user)).toEqual([]);
    await fixture.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
    await expectOneBatch(user, file);
  });

  it('uploads a file queued offline with every tab closed when online', async () => {
    const user = 'sleeper';
    const file = await makeFile(fixture.folder.dir, 'asleep.bin', 5 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await fixture.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    // Background Sync wakes the worker then. Earlier syncs may wait for their next attempt.
    await until(() => tab.evaluate(hasReconnectSync), 'a sync for the return of the network');
    await fixture.app.closeTabs();
    await fixture.app.context.setOffline(false);
    await until(() => fixture.server.batches.list(user).length > 0, 'the batch of the offline upload');
    await expectOneBatch(user, file);
  });

  it.each([1, 2, 3])('completes while the page reloads at random moments (seed %i)', async (seed) => {
    const user = `reloader ${seed}`;
    const file = await makeFile(fixture.folder.dir, `reloaded ${seed}.bin`, 40 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    for (const count of randomMarks(seed, 4, 36)) {
      await waitForChunks(user, count);
      await tab.reload();
    }
    await waitForRows(tab, 1, isCompleted);
    await expectOneBatch(user, file);
    expect(fixture.server.acknowledgedChunks(user)).toHaveLength(40);
  });

  it('shows the same bytes in two tabs, one opened in mid-upload', async () => {
    const user = 'watcher';
    const file = await makeFile(fixture.folder.dir, 'watched.bin', 60 * CHUNK);
    const first = await fixture.app.signIn(user, small);
    await queueFiles(first, [file.path]);
    await waitForChunks(user, 10);
    await fixture.server.holdChunks();
    const second = await fixture.app.openTab();
    await waitForRows(second, 1, (row) => row.chunk0);
    fixture.server.releaseChunks();
    for (const count of [20, 35, 50]) {
      await waitForChunks(user, count);
      await fixture.server.holdChunks();
      const bytes = fixture.server.acknowledgedChunks(user).length * CHUNK;
      // The server has the held chunks too, which it does not acknowledge.
      const isTrue = (row: Row) => row.bytes >= bytes && row.bytes <= bytes + MAX_IN_FLIGHT * CHUNK;
      for (const tab of [first, second]) await waitForRows(tab, 1, isTrue);
      const shown = async (tab: Page) => (await readRows(tab))[0]?.bytes;
      await until(async () => (await shown(first)) === (await shown(second)), 'the same bytes in both tabs');
      fixture.server.releaseChunks();
    }
    const isWhole = (row: Row) => isCompleted(row) && row.bytes === file.sizeBytes;
    const [a, b] = await Promise.all([waitForRows(first, 1, isWhole), waitForRows(second, 1, isWhole)]);
    expect(a).toEqual(b);
    await expectOneBatch(user, file);
  });

  it('resumes a paused upload and removes a cancelled one on the server', async () => {
    const user = 'changer';
    const file = await makeFile(fixture.folder.dir, 'paused.bin', 40 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await waitForChunks(user, 5);
    await fixture.server.holdChunks();
    await tab.getByRole('button', { name: 'Pause', exact: true }).click();
    await waitForRows(tab, 1, (row) => row.status === 'paused');
    fixture.server.releaseChunks();
    expect(fixture.server.batches.list(user)).toEqual([]);
    await tab.getByRole('button', { name: 'Resume', exact: true }).click();
    await waitForRows(tab, 1, isCompleted);
    await expectOneBatch(user, file);
    const before = fixture.server.acknowledgedChunks(user).length;
    const doomed = await makeFile(fixture.folder.dir, 'doomed.bin', 60 * CHUNK);
    await queueFiles(tab, [doomed.path]);
    await waitForChunks(user, before + 5);
    await fixture.server.holdChunks();
    const endToast = await holdToastTimers(tab);
    await tab.getByRole('button', { name: 'Cancel', exact: true }).click();
    // A cancelled upload pauses immediately and is cancelled when the undo expires.
    await waitForRows(tab, 2, ({ name, status }) => status === (name === doomed.name ? 'paused' : 'completed'));
    fixture.server.releaseChunks();
    await endToast();
    await until(() => fixture.server.sessions.ids.length === 0, 'the end of the session');
    await waitForRows(tab, 2, ({ name, status }) => status === (name === doomed.name ? 'cancelled' : 'completed'));
    await expectOneBatch(user, file);
  });
});

/** Whether a sync for the return of the network is registered. lib.dom lacks Background Sync. */
async function hasReconnectSync(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as { sync?: { getTags(): Promise<string[]> } };
  return ((await registration.sync?.getTags()) ?? []).includes('upload-sync-reconnect');
}

/** Ascending numbers below `limit`, equal for equal seeds (a Lehmer generator). */
function randomMarks(seed: number, count: number, limit: number): number[] {
  let state = seed * 7919;
  const marks = Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  });
  return marks.sort((a, b) => a - b);
}
