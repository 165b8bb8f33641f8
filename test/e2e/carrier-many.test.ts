import { afterEach, describe, expect, it } from 'vitest';
import { fetchIdOf } from '../../src/shared/carrier.ts';
import { CarrierScene, offerIn } from '../support/carrier-scene.ts';
import { isCompleted } from '../support/harness.ts';
import { until } from '../support/test-server.ts';

/** More than a worker takes up at once. */
const MANY = 18;
/** The browser carries all of it in twos, and half a minute of it is the page's own patience. */
const PATIENCE_MS = 300_000;
/** So many unfinished uploads of a user the server of the second test has room for. */
const ROOM = 6;
const SLOW = { kind: 'delay', delayMs: 300 } as const;
/** So slow that no upload ends while others wait for a session. */
const SLOWER = { kind: 'delay', delayMs: 2000 } as const;

describe('a long queue', { timeout: PATIENCE_MS }, () => {
  let scene: CarrierScene;

  afterEach(() => scene?.close());

  /** The Background Fetch of each upload that was handed over. */
  async function fetchIds(): Promise<string[]> {
    return (await scene.app.uploads()).map(fetchIdOf).filter((id) => id !== null);
  }

  /** Whether the worker has nothing left to send: while requests are made it may bring the first ones to their end. */
  async function isAllCarried(): Promise<boolean> {
    const uploads = await scene.app.uploads();
    return uploads.length >= MANY && uploads.every((upload) => isCompleted(upload) || fetchIdOf(upload) !== null);
  }

  function named(count: number): string[] {
    return Array.from({ length: count }, (_, n) => `part ${n}.bin`);
  }

  it('is handed over whole, in one Background Fetch, and says so while that is prepared', async () => {
    scene = await CarrierScene.open();
    const { tab, files } = await scene.beginMany('archivist', named(MANY));
    scene.fault = () => SLOW;
    await offerIn(tab).click();
    const status = tab.getByRole('status').filter({ hasText: 'Preparing…' });
    await status.waitFor();
    expect(await offerIn(tab).getAttribute('aria-disabled')).toBe('true');
    scene.server.release();
    await until(isAllCarried, 'all of them handed over');
    const carried = await fetchIds();
    expect(carried.length).toBeGreaterThan(MANY - 4);
    expect(new Set(carried).size).toBe(1);
    await status.waitFor({ state: 'detached' });
    await tab.getByText('the browser itself finishes').first().waitFor();
    await scene.app.closeTabs();
    scene.fault = undefined;
    await scene.expectAllArrived('archivist', files, 4);
  });

  it('is sent by the worker where it could not be handed over, and what closing means is told of both parts', async () => {
    scene = await CarrierScene.open({ maxOpenSessions: ROOM });
    const { tab, files } = await scene.beginMany('squeezed', named(ROOM + 3));
    scene.fault = () => SLOWER;
    await offerIn(tab).click();
    scene.server.release();
    await until(async () => (await fetchIds()).length === ROOM, 'those with a session handed over');
    await tab.getByText(`The browser itself finishes ${ROOM} other uploads, closed or not.`).waitFor();
    scene.fault = undefined;
    await scene.expectAllArrived('squeezed', files, 4);
  });

  // As long as the page gives a server to open sessions: half a minute.
  it('is handed over as far as it has begun, when the server opens no more sessions in time', async () => {
    scene = await CarrierScene.open();
    const { tab, files } = await scene.beginMany('patient', named(3));
    await offerIn(tab).click();
    await until(async () => (await fetchIds()).length > 0, 'the one that has begun handed over');
    expect(await fetchIds()).toHaveLength(1);
    await tab.getByText('The browser itself finishes 1 other upload, closed or not.').waitFor();
    scene.server.release();
    await scene.expectAllArrived('patient', files, 4);
  });

  it('stays with the worker when its user does not want to wait', async () => {
    scene = await CarrierScene.open();
    const { tab, files } = await scene.beginMany('impatient', named(3));
    await offerIn(tab).click();
    await tab.getByRole('button', { name: 'Stop preparing' }).click();
    await until(async () => (await offerIn(tab).getAttribute('aria-disabled')) === 'false', 'the offer');
    scene.server.release();
    await scene.expectAllArrived('impatient', files, 2);
    expect(await fetchIds()).toEqual([]);
  });
});
