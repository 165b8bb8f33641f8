import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import type { Fault } from '../../fixtures/server-faults.ts';
import { until } from '../../fixtures/test-server.ts';
import {
  BackgroundFetchScene,
  hasBackgroundFetch,
  isInBackgroundFetch,
} from '../../page-objects/background-fetch-scene.ts';
import { ageFetchStalls } from '../../page-objects/browser-db.ts';
import { isCompleted, readRows, waitForRows } from '../../page-objects/test-app.ts';

const SIX_MINUTES_MS = 6 * 60_000;
/** After so long what was refused is tried again. */
const AGAIN_MS = 60_000;
const BUSY: Fault = { kind: 'status', status: 503 };
const SIGNED_OUT: Fault = { kind: 'status', status: 401, code: 'unauthorized' };
const LINK_LOST: Fault = { kind: 'drop' };

describe('what the browser cannot bring home', () => {
  let scene: BackgroundFetchScene;

  beforeAll(async () => {
    scene = await BackgroundFetchScene.open();
  });

  afterEach(() => scene.reset());
  afterAll(() => scene?.close());

  it.each([
    ['the server is busy', BUSY],
    ['its ticket is good no more', SIGNED_OUT],
    ['the link is lost', LINK_LOST],
  ])('comes back to the worker when %s, and still arrives once', async (what, fault) => {
    const user = `unlucky: ${what}`;
    const { tab, file } = await scene.queueSlowUpload(user);
    await scene.startBackgroundFetch(tab);
    scene.fault = ({ hasToken }) => (hasToken ? undefined : fault);
    scene.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived(user, file, 4);
  });

  it('comes back with every tab closed too', async () => {
    const { tab, file } = await scene.queueSlowUpload('absent');
    await scene.startBackgroundFetch(tab);
    await scene.app.closeTabs();
    scene.fault = ({ hasToken }) => (hasToken ? undefined : BUSY);
    scene.server.releaseChunks();
    await scene.expectArrived('absent', file, 4);
  });

  it('is tried again where the browser refused what is always handed over, once its user is there again', async () => {
    const { tab, file } = await scene.queueSlowUpload('patient');
    await tab.evaluate(refuseOnce);
    await tab.getByRole('button', { name: 'Settings' }).click();
    await tab.locator('select[name=backgroundFetch]').selectOption('always');
    // Progress brings it about; here nothing moves, so the page is made to look.
    const look = () => tab.evaluate(() => void dispatchEvent(new Event('online')));
    await look();
    await until(() => tab.evaluate(() => document.documentElement.dataset.refused === '1'), 'the refusal');
    // When it may be tried again is counted from the end of it.
    await until(async () => !(await tab.evaluate(isPreparing)), 'the end of the hand-over');
    await waitForRows(tab, 1, (row) => !isInBackgroundFetch(row));
    await tab.evaluate(turnClock, AGAIN_MS);
    await tab.locator('select[name=backgroundFetch]').click();
    await look();
    await scene.waitForBackgroundFetch(tab);
    await tab.locator('select[name=backgroundFetch]').selectOption('ask');
    scene.server.releaseChunks();
    await scene.expectArrived('patient', file, 4);
  });

  it('comes back when nothing of it has been sent for minutes', async () => {
    const { tab, file } = await scene.queueSlowUpload('stuck');
    await scene.startBackgroundFetch(tab);
    // Again and again, because a look of the worker that was under way puts its own time there.
    const isBack = async () => {
      await tab.evaluate(ageFetchStalls, SIX_MINUTES_MS);
      await tab.evaluate(() => void dispatchEvent(new Event('online')));
      return !(await readRows(tab)).some(isInBackgroundFetch);
    };
    await until(isBack, 'the stall to be noticed');
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    scene.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived('stuck', file, 4);
  });
});

/** Has the browser refuse the next Background Fetch, as it does without a click. Runs in the page. */
async function refuseOnce(): Promise<void> {
  const { backgroundFetch } = (await navigator.serviceWorker.ready) as unknown as { backgroundFetch: object };
  const prototype = Object.getPrototypeOf(backgroundFetch);
  const { fetch } = prototype;
  prototype.fetch = () => {
    prototype.fetch = fetch;
    document.documentElement.dataset.refused = '1';
    return Promise.reject(new DOMException('This origin does not have permission.', 'NotAllowedError'));
  };
}

/** Whether a hand-over is under way. Runs in the page. */
function isPreparing(): boolean {
  const app = document.querySelector('upload-app') as Element & {
    client: { backgroundFetch: { isStarting: boolean } };
  };
  return app.client.backgroundFetch.isStarting;
}

/** Runs in the page. */
function turnClock(ms: number): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() + ms;
}
