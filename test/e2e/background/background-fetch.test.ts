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

// A fetch is ended here while nothing is answered: Chromium 156 crashes when an answer comes in that very moment.
// The driver of these tests has set how downloads are handled, which hides that Chromium wants a click for a second start; and
// it is attached to the worker, which switches its time limits off.
describe('what is handed over to the browser', () => {
  let scene: BackgroundFetchScene;

  beforeAll(async () => {
    scene = await BackgroundFetchScene.open();
  });

  afterEach(() => scene.reset());
  afterAll(() => scene?.close());

  it('arrives with every tab closed, by its ticket alone, and is booked by the worker that the browser wakes', async () => {
    const { tab, file } = await scene.queueSlowUpload('traveller');
    await scene.startBackgroundFetch(tab);
    await scene.app.closeTabs();
    const tokens: boolean[] = [];
    scene.fault = ({ hasToken }) => void tokens.push(hasToken);
    scene.server.releaseChunks();
    await scene.expectArrived('traveller', file, 2);
    expect(new Set(tokens)).toEqual(new Set([false]));
  });

  it('is all that was queued, in one Background Fetch, also what the worker had not begun', async () => {
    const { tab, files } = await scene.queueSlowUploads('collector', ['first.bin', 'second.bin', 'third.bin']);
    expect((await readRows(tab)).filter(({ chunk0 }) => chunk0)).toHaveLength(1);
    scene.fault = () => ({ kind: 'delay', delayMs: 300 });
    await findStartButton(tab).click();
    scene.server.releaseChunks();
    // While requests are made of all that is copied, the worker could bring the first file to its end.
    await until(() => scene.server.sessions.ids.length === files.length, 'a session for each');
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

  it('is handed over by itself where the user wants that always', async () => {
    const { tab, file } = await scene.queueSlowUpload('regular');
    await findStartButton(tab).waitFor();
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    await tab.locator('select[name=carrier]').selectOption('always');
    // Progress brings it about; here nothing moves, so the page is made to look.
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await scene.waitForBackgroundFetch(tab);
    await tab.locator('select[name=carrier]').selectOption('ask');
    // Otherwise what the next tests begin would be handed over by itself too.
    await until(async () => (await readBackgroundFetchMode(tab)) === 'ask', 'the choice to be remembered');
    await scene.app.closeTabs();
    scene.server.releaseChunks();
    await scene.expectArrived('regular', file, 2);
  });

  it('is taken back by its user, and goes on where the browser stopped', async () => {
    const { tab, file } = await scene.queueSlowUpload('regretful');
    await scene.startBackgroundFetch(tab);
    await tab.getByRole('button', { name: 'Take it back' }).click();
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    scene.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived('regretful', file, 4);
  });

  it('stays with the worker when its user does not want to wait', async () => {
    const { tab, files } = await scene.queueSlowUploads('impatient', ['first.bin', 'second.bin', 'third.bin']);
    await findStartButton(tab).click();
    await tab.getByRole('button', { name: 'Stop preparing' }).click();
    await until(async () => (await findStartButton(tab).getAttribute('aria-disabled')) === 'false', 'the offer');
    const tokens: boolean[] = [];
    scene.fault = ({ hasToken }) => void tokens.push(hasToken);
    scene.server.releaseChunks();
    await scene.expectAllArrived('impatient', files, 2);
    // The browser itself would have sent without.
    expect(new Set(tokens)).toEqual(new Set([true]));
  });

  it('leads to its upload, when its user clicks on what the browser shows of it', async () => {
    const { tab, file } = await scene.queueSlowUpload('clicker');
    await scene.startBackgroundFetch(tab);
    const [row] = await readRows(tab);
    const id = row?.id ?? '';
    // Looked at in a way that leaves it out.
    await tab.getByRole('searchbox').fill('something else');
    await waitForRows(tab, 0, isInBackgroundFetch);
    await scene.worker.evaluate(clickOnFetch);
    await waitForFocusedUpload(tab, id);
    const opened = await recordOpenedWindows(scene.worker);
    await scene.app.closeTabsAndWait();
    await scene.worker.evaluate(clickOnFetch);
    await until(async () => (await opened()).length > 0, 'a window');
    expect(await opened()).toEqual([`${scene.server.url()}/?upload=${id}`]);
    scene.server.releaseChunks();
    await scene.expectArrived('clicker', file, 2);
  });

  it('ends with its upload, when that is cancelled', async () => {
    const { tab } = await scene.queueSlowUpload('undecided');
    await scene.startBackgroundFetch(tab);
    const endToast = await holdToastTimers(tab);
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    scene.server.releaseChunks();
    await endToast();
    await until(() => scene.server.sessions.ids.length === 0, 'the session to be discarded');
    expect(scene.server.batches.list('undecided')).toEqual([]);
  });

  it('stands still as soon as it is cancelled, and goes on when that is undone', async () => {
    const { tab, file } = await scene.queueSlowUpload('waverer');
    await scene.startBackgroundFetch(tab);
    await holdToastTimers(tab);
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    await waitForRows(tab, 1, ({ status }) => status === 'paused');
    scene.server.releaseChunks();
    await tab.getByRole('button', { name: 'Undo' }).click();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived('waverer', file, 4);
  });

  it('comes back when its page died between the record and the start', async () => {
    const { tab, file } = await scene.queueSlowUpload('orphan');
    await tab.evaluate(storeLostBackgroundFetch);
    scene.server.releaseChunks();
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await waitForRows(tab, 1, (row) => !isInBackgroundFetch(row) && isCompleted(row));
    await scene.expectArrived('orphan', file, 2);
  });
});

/** Clicks on a Background Fetch in the browser's own surface; a browser without windows has none. Runs in the worker. */
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
