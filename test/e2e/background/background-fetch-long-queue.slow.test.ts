import { afterEach, describe, expect, it } from 'vitest';
import { getBackgroundFetchId } from '../../../src/shared/background-fetch.ts';
import { until } from '../../fixtures/test-server.ts';
import { BackgroundFetchScene, findStartButton } from '../../page-objects/background-fetch-scene.ts';

/** More than a worker takes up at once. */
const MANY = 18;
/** The browser carries all of it in twos, and half a minute of it is the page's own patience. */
const PATIENCE_MS = 300_000;
/** So many unfinished uploads of a user the server of the second test has room for. */
const ROOM = 6;
const OVER = 3;
/** So slow that no upload ends while others wait for a session. */
const SLOWER = { kind: 'delay', delayMs: 2000 } as const;

describe('a long queue', { timeout: PATIENCE_MS }, () => {
  let scene: BackgroundFetchScene;

  afterEach(() => scene?.close());

  /** The Background Fetch of each upload that was handed over. */
  async function fetchIds(): Promise<string[]> {
    return (await scene.app.uploads()).map(getBackgroundFetchId).filter((id) => id !== null);
  }

  /** How many uploads the server has refused so often that they wait. */
  async function refused(): Promise<number> {
    return (await scene.app.uploads()).filter(({ failures }) => failures > 0).length;
  }

  function named(count: number): string[] {
    return Array.from({ length: count }, (_, n) => `part ${n}.bin`);
  }

  it('is handed over whole, in one Background Fetch, and says so while that is prepared', async () => {
    scene = await BackgroundFetchScene.open();
    const { tab, files } = await scene.queueSlowUploads('archivist', named(MANY));
    await tab.evaluate(waitForSessions);
    await findStartButton(tab).click();
    const status = tab.getByRole('status').filter({ hasText: 'Preparing…' });
    await status.waitFor();
    expect(await findStartButton(tab).getAttribute('aria-disabled')).toBe('true');
    scene.server.releaseChunks();
    // While requests are made of all that is copied, the worker could bring the first files to their end.
    await until(() => scene.server.sessions.ids.length === MANY, 'a session for each');
    await scene.server.holdChunks();
    await until(async () => (await fetchIds()).length === MANY, 'all of them handed over', PATIENCE_MS);
    expect(new Set(await fetchIds()).size).toBe(1);
    await status.waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await tab.getByText('the browser itself finishes').first().waitFor();
    await scene.app.closeTabs();
    scene.fault = undefined;
    scene.server.releaseChunks();
    await scene.expectAllArrived('archivist', files, 4);
  });

  it('is sent by the worker where it could not be handed over, and what closing means is told of both parts', async () => {
    scene = await BackgroundFetchScene.open({ maxOpenSessions: ROOM });
    const { tab, files } = await scene.queueSlowUploads('squeezed', named(ROOM + OVER));
    scene.fault = () => SLOWER;
    await findStartButton(tab).click();
    scene.server.releaseChunks();
    // While requests are made of the others, the worker could bring the first one to its end.
    await until(async () => (await refused()) === OVER, 'those without room refused');
    await scene.server.holdChunks();
    await until(async () => (await fetchIds()).length === ROOM, 'those with a session handed over');
    await tab.getByText(`The browser itself finishes ${ROOM} other uploads, closed or not.`).waitFor();
    scene.fault = undefined;
    scene.server.releaseChunks();
    await scene.expectAllArrived('squeezed', files, 4);
  });

  // As long as the page gives a server to open sessions: half a minute.
  it('is handed over as far as it has begun, when the server opens no more sessions in time', async () => {
    scene = await BackgroundFetchScene.open();
    const { tab, files } = await scene.queueSlowUploads('patient', named(3));
    await findStartButton(tab).click();
    await until(async () => (await fetchIds()).length > 0, 'the one that has begun handed over');
    expect(await fetchIds()).toHaveLength(1);
    await tab.getByText('The browser itself finishes 1 other upload, closed or not.').waitFor();
    scene.server.releaseChunks();
    await scene.expectAllArrived('patient', files, 4);
  });
});

/** Has the page wait for sessions as long as it takes, which is half a minute otherwise. Runs in the page. */
function waitForSessions(): void {
  AbortSignal.timeout = () => new AbortController().signal;
}
