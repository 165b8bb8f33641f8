import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { getBackgroundFetchId } from '../../../src/shared/background-fetch.ts';
import { until } from '../../fixtures/test-server.ts';
import {
  BackgroundFetchScene,
  findStartButton,
  hasBackgroundFetch,
  isInBackgroundFetch,
} from '../../page-objects/background-fetch-scene.ts';
import { readBackgroundFetchMode, storeLostBackgroundFetch } from '../../page-objects/browser-db.ts';
import { recordOpenedWindows, waitForFocusedUpload } from '../../page-objects/deep-link.ts';
import { isCompleted, readRows, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

// The tests abort a fetch only while the server responds to nothing: Chromium 156 crashes when a
// response arrives in that moment. Playwright sets how downloads are handled, which hides that
// Chromium requires a user gesture for a second fetch. It also disables the time limits of the
// worker.
describe('Background Fetch', () => {
  let scene: BackgroundFetchScene;

  beforeAll(async () => {
    scene = await BackgroundFetchScene.open();
  });

  afterEach(() => scene.reset());
  afterAll(() => scene?.close());

  it('completes with every tab closed, by ticket, and wakes the worker', async () => {
    const { tab, file } = await scene.queueSlowUpload('traveller');
    await scene.startBackgroundFetch(tab);
    await scene.app.closeTabs();
    const tokens: boolean[] = [];
    scene.fault = ({ hasToken }) => void tokens.push(hasToken);
    scene.server.releaseChunks();
    await scene.expectArrived('traveller', file, 2);
    expect(new Set(tokens)).toEqual(new Set([false]));
  });

  it('takes all queued uploads, including those that have not started', async () => {
    const { tab, files } = await scene.queueSlowUploads('collector', ['first.bin', 'second.bin', 'third.bin']);
    expect((await readRows(tab)).filter(({ chunk0 }) => chunk0)).toHaveLength(1);
    scene.fault = () => ({ kind: 'delay', delayMs: 300 });
    await findStartButton(tab).click();
    scene.server.releaseChunks();
    // Without holding chunks, the worker could finish the first file while requests are created.
    await until(() => scene.server.sessions.ids.length === files.length, 'a session for each upload');
    await scene.server.holdChunks();
    await waitForRows(tab, files.length, isInBackgroundFetch);
    await until(() => tab.evaluate(hasBackgroundFetch), 'the Background Fetch');
    const fetchIds = (await scene.app.uploads()).map(getBackgroundFetchId).filter((id) => id !== null);
    expect(fetchIds).toHaveLength(files.length);
    expect(new Set(fetchIds).size).toBe(1);
    await scene.app.closeTabs();
    scene.fault = undefined;
    scene.server.releaseChunks();
    await scene.expectAllArrived('collector', files, 2);
  });

  it('starts automatically when the user chooses so', async () => {
    const { tab, file } = await scene.queueSlowUpload('regular');
    await findStartButton(tab).waitFor();
    await tab.getByRole('button', { name: 'Settings' }).click();
    await tab.locator('select[name=backgroundFetch]').selectOption('always');
    // Progress triggers the check. Nothing moves here, so an event does.
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await scene.waitForBackgroundFetch(tab);
    await tab.locator('select[name=backgroundFetch]').selectOption('ask');
    // Otherwise the uploads of the next tests would start a Background Fetch automatically.
    await until(async () => (await readBackgroundFetchMode(tab)) === 'ask', 'the stored mode');
    await scene.app.closeTabs();
    scene.server.releaseChunks();
    await scene.expectArrived('regular', file, 2);
  });

  it('returns to the worker on request and resumes where it stopped', async () => {
    const { tab, file } = await scene.queueSlowUpload('regretful');
    await scene.startBackgroundFetch(tab);
    await tab.getByRole('button', { name: 'Upload here instead' }).click();
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    scene.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived('regretful', file, 4);
  });

  it('stays with the worker when the user stops the preparation', async () => {
    const { tab, files } = await scene.queueSlowUploads('impatient', ['first.bin', 'second.bin', 'third.bin']);
    await findStartButton(tab).click();
    await tab.locator('queue-summary').getByRole('button', { name: 'Cancel' }).click();
    await until(
      async () => (await findStartButton(tab).getAttribute('aria-disabled')) === 'false',
      'the enabled start button',
    );
    const tokens: boolean[] = [];
    scene.fault = ({ hasToken }) => void tokens.push(hasToken);
    scene.server.releaseChunks();
    await scene.expectAllArrived('impatient', files, 2);
    // A Background Fetch sends no token.
    expect(new Set(tokens)).toEqual(new Set([true]));
  });

  it('opens the upload when the user clicks the browser notification', async () => {
    const { tab, file } = await scene.queueSlowUpload('clicker');
    await scene.startBackgroundFetch(tab);
    const [row] = await readRows(tab);
    const id = row?.id ?? '';
    // The filter hides the upload.
    await tab.getByRole('searchbox').fill('another name');
    await waitForRows(tab, 0, isInBackgroundFetch);
    await scene.worker.evaluate(clickOnFetch);
    await waitForFocusedUpload(tab, id);
    const opened = await recordOpenedWindows(scene.worker);
    await scene.app.closeTabsAndWait();
    await scene.worker.evaluate(clickOnFetch);
    await until(async () => (await opened()).length > 0, 'an opened window');
    expect(await opened()).toEqual([`${scene.server.url()}/?upload=${id}`]);
    scene.server.releaseChunks();
    await scene.expectArrived('clicker', file, 2);
  });

  it('aborts the fetch when its upload is cancelled', async () => {
    const { tab } = await scene.queueSlowUpload('undecided');
    await scene.startBackgroundFetch(tab);
    const endToast = await holdToastTimers(tab);
    await tab.locator('upload-row').getByRole('button', { name: 'Cancel' }).click();
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    scene.server.releaseChunks();
    await endToast();
    await until(() => scene.server.sessions.ids.length === 0, 'the end of the session');
    expect(scene.server.batches.list('undecided')).toEqual([]);
  });

  it('pauses on cancel and resumes on undo', async () => {
    const { tab, file } = await scene.queueSlowUpload('waverer');
    await scene.startBackgroundFetch(tab);
    await holdToastTimers(tab);
    await tab.locator('upload-row').getByRole('button', { name: 'Cancel' }).click();
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    await waitForRows(tab, 1, ({ status }) => status === 'paused');
    scene.server.releaseChunks();
    await tab.getByRole('button', { name: 'Undo' }).click();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived('waverer', file, 4);
  });

  it('returns the upload to the worker when the page closed before start', async () => {
    const { tab, file } = await scene.queueSlowUpload('orphan');
    await tab.evaluate(storeLostBackgroundFetch);
    scene.server.releaseChunks();
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await waitForRows(tab, 1, (row) => !isInBackgroundFetch(row) && isCompleted(row));
    await scene.expectArrived('orphan', file, 2);
  });
});

/**
 * Fires the click on a Background Fetch, for which a headless browser has no surface. Runs in the
 * worker.
 */
async function clickOnFetch(): Promise<void> {
  const scope = globalThis as unknown as {
    registration: { backgroundFetch: { getIds(): Promise<string[]>; get(id: string): Promise<unknown> } };
    BackgroundFetchEvent: new (type: string, init: object) => Event;
  };
  const { backgroundFetch } = scope.registration;
  const [id = ''] = await backgroundFetch.getIds();
  const registration = await backgroundFetch.get(id);
  dispatchEvent(new scope.BackgroundFetchEvent('backgroundfetchclick', { registration }));
}
