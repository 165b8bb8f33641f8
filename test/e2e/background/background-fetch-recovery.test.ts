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
/** The delay before a refused Background Fetch is tried again. */
const RETRY_DELAY_MS = 60_000;
const BUSY: Fault = { kind: 'status', status: 503 };
const SIGNED_OUT: Fault = { kind: 'status', status: 401, code: 'unauthorized' };
const CONNECTION_LOST: Fault = { kind: 'drop' };

describe('recovery from a failed Background Fetch', () => {
  let scene: BackgroundFetchScene;

  beforeAll(async () => {
    scene = await BackgroundFetchScene.open();
  });

  afterEach(() => scene.reset());
  afterAll(() => scene?.close());

  it.each([
    ['the server is busy', BUSY],
    ['its ticket has expired', SIGNED_OUT],
    ['the connection is lost', CONNECTION_LOST],
  ])('returns the upload to the worker when %s and sends it once', async (what, fault) => {
    const user = `unlucky: ${what}`;
    const { tab, file } = await scene.queueSlowUpload(user);
    await scene.startBackgroundFetch(tab);
    scene.fault = ({ hasToken }) => (hasToken ? undefined : fault);
    scene.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived(user, file, 4);
  });

  it('returns the upload to the worker with every tab closed', async () => {
    const { tab, file } = await scene.queueSlowUpload('absent');
    await scene.startBackgroundFetch(tab);
    await scene.app.closeTabs();
    scene.fault = ({ hasToken }) => (hasToken ? undefined : BUSY);
    scene.server.releaseChunks();
    await scene.expectArrived('absent', file, 4);
  });

  it('retries a refused automatic Background Fetch after a user gesture', async () => {
    const { tab, file } = await scene.queueSlowUpload('patient');
    await tab.evaluate(refuseOnce);
    await tab.getByRole('button', { name: 'Settings' }).click();
    await tab.locator('select[name=backgroundFetch]').selectOption('always');
    // Progress triggers the check. Nothing moves here, so an event does.
    const triggerCheck = () => tab.evaluate(() => void dispatchEvent(new Event('online')));
    await triggerCheck();
    await until(() => tab.evaluate(() => document.documentElement.dataset.refused === '1'), 'the refusal');
    // The delay counts from the end of the first try.
    await until(async () => !(await tab.evaluate(isPreparing)), 'the end of the preparation');
    await waitForRows(tab, 1, (row) => !isInBackgroundFetch(row));
    await tab.evaluate(advanceClock, RETRY_DELAY_MS);
    await tab.locator('select[name=backgroundFetch]').click();
    await triggerCheck();
    await scene.waitForBackgroundFetch(tab);
    await tab.locator('select[name=backgroundFetch]').selectOption('ask');
    scene.server.releaseChunks();
    await scene.expectArrived('patient', file, 4);
  });

  it('returns the upload to the worker when its fetch stalls for minutes', async () => {
    const { tab, file } = await scene.queueSlowUpload('stuck');
    await scene.startBackgroundFetch(tab);
    // Repeated, because a check that is running in the worker overwrites the time.
    const isBack = async () => {
      await tab.evaluate(ageFetchStalls, SIX_MINUTES_MS);
      await tab.evaluate(() => void dispatchEvent(new Event('online')));
      return !(await readRows(tab)).some(isInBackgroundFetch);
    };
    await until(isBack, 'the return to the worker');
    await until(async () => !(await tab.evaluate(hasBackgroundFetch)), 'the end of the Background Fetch');
    scene.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    await scene.expectArrived('stuck', file, 4);
  });
});

/**
 * Makes the browser refuse the next Background Fetch, as it does without a user gesture. Runs in
 * the page.
 */
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

/** Whether a Background Fetch is being prepared. Runs in the page. */
function isPreparing(): boolean {
  const app = document.querySelector('upload-app') as Element & {
    client: { backgroundFetch: { isStarting: boolean } };
  };
  return app.client.backgroundFetch.isStarting;
}

/** Advances the clock of the page. Runs in the page. */
function advanceClock(ms: number): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() + ms;
}
