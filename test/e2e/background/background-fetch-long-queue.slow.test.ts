import { afterEach, describe, expect, it } from 'vitest';
import { getBackgroundFetchId } from '../../../src/shared/background-fetch.ts';
import { until } from '../../fixtures/test-server.ts';
import { BackgroundFetchScene, findStartButton } from '../../page-objects/background-fetch-scene.ts';

/** More uploads than the worker opens at once. */
const UPLOADS = 18;
/** The browser sends two requests at a time, and the page waits half a minute for sessions. */
const TIMEOUT_MS = 300_000;
/** The number of open sessions that the server of the second test allows. */
const MAX_SESSIONS = 6;
const EXCESS = 3;
/** No upload ends while others wait for a session. */
const SLOW = { kind: 'delay', delayMs: 2000 } as const;

describe('Background Fetch of a long queue', { timeout: TIMEOUT_MS }, () => {
  let scene: BackgroundFetchScene;

  afterEach(() => scene?.close());

  /** The ids of the Background Fetches that uploads belong to. */
  async function readFetchIds(): Promise<string[]> {
    return (await scene.app.uploads()).map(getBackgroundFetchId).filter((id) => id !== null);
  }

  /** Counts the uploads that wait because the server refused a session. */
  async function countRefused(): Promise<number> {
    return (await scene.app.uploads()).filter(({ failures }) => failures > 0).length;
  }

  function createNames(count: number): string[] {
    return Array.from({ length: count }, (_, n) => `part ${n}.bin`);
  }

  it('starts one Background Fetch for a long queue and shows preparation', async () => {
    scene = await BackgroundFetchScene.open();
    const { tab, files } = await scene.queueSlowUploads('archivist', createNames(UPLOADS));
    await tab.evaluate(removeSessionTimeout);
    await findStartButton(tab).click();
    const status = tab.getByRole('status').filter({ hasText: 'Preparing…' });
    await status.waitFor();
    expect(await findStartButton(tab).getAttribute('aria-disabled')).toBe('true');
    scene.server.releaseChunks();
    // Without holding chunks, the worker could finish the first files while requests are created.
    await until(() => scene.server.sessions.ids.length === UPLOADS, 'a session for each upload');
    await scene.server.holdChunks();
    await until(async () => (await readFetchIds()).length === UPLOADS, 'all uploads in a Background Fetch', TIMEOUT_MS);
    expect(new Set(await readFetchIds()).size).toBe(1);
    await status.waitFor({ state: 'detached', timeout: TIMEOUT_MS });
    await tab.getByText('Uploading in the background').first().waitFor();
    await scene.app.closeTabs();
    scene.fault = undefined;
    scene.server.releaseChunks();
    await scene.expectAllArrived('archivist', files, 4);
  });

  it('leaves uploads without a session to the worker and reports both', async () => {
    scene = await BackgroundFetchScene.open({ maxOpenSessions: MAX_SESSIONS });
    const { tab, files } = await scene.queueSlowUploads('squeezed', createNames(MAX_SESSIONS + EXCESS));
    scene.fault = () => SLOW;
    await findStartButton(tab).click();
    scene.server.releaseChunks();
    // Without holding chunks, the worker could finish the first file while requests are created.
    await until(async () => (await countRefused()) === EXCESS, 'the refusal of uploads without a session');
    await scene.server.holdChunks();
    await until(
      async () => (await readFetchIds()).length === MAX_SESSIONS,
      'the uploads with a session in a Background Fetch',
    );
    await tab.getByText(`${MAX_SESSIONS} more are uploading in the background.`).waitFor();
    scene.fault = undefined;
    scene.server.releaseChunks();
    await scene.expectAllArrived('squeezed', files, 4);
  });

  // The page gives the server half a minute to open sessions.
  it('starts without uploads whose session does not open in time', async () => {
    scene = await BackgroundFetchScene.open();
    const { tab, files } = await scene.queueSlowUploads('patient', createNames(3));
    await findStartButton(tab).click();
    await until(async () => (await readFetchIds()).length > 0, 'the started upload in a Background Fetch');
    expect(await readFetchIds()).toHaveLength(1);
    await tab.getByText('1 more is uploading in the background.').waitFor();
    scene.server.releaseChunks();
    await scene.expectAllArrived('patient', files, 4);
  });
});

/** Removes the time limit of half a minute for sessions. Runs in the page. */
function removeSessionTimeout(): void {
  AbortSignal.timeout = () => new AbortController().signal;
}
