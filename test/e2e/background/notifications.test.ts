import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/server/faults.ts';
import { makeFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { storeResumed } from '../../page-objects/browser-db.ts';
import { recordOpenedWindows, waitForFocusedUpload } from '../../page-objects/deep-link.ts';
import { isCompleted, isDriverRunning, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
const settings = { chunkBytes: CHUNK };
const REFUSED: Fault = { kind: 'status', status: 403 };
const SIGNED_OUT: Fault = { kind: 'status', status: 401 };

/** A notification as the browser shows it. */
interface Shown {
  readonly title: string;
  readonly body: string;
  readonly actions: readonly string[];
}

describe('with no tab open the worker tells', () => {
  const made = withApp({ browser: 'own' });
  let fault: Fault | undefined;

  beforeAll(async () => {
    await made.app.context.grantPermissions(['notifications'], { origin: made.server.url() });
    await made.app.discoverServer(settings);
    await worker().evaluate(recordTidings);
  });

  beforeEach(() => {
    made.server.faults.before = ({ url }) => (url.endsWith('/upload-chunk') ? fault : undefined);
  });

  afterEach(() => {
    fault = undefined;
  });

  /** Queues files of some chunks each, and closes the tab in the middle; the server holds back until it is released. */
  async function closeInTheMiddle(user: string, names: readonly string[]): Promise<void> {
    const tab = await made.app.signIn(user, settings);
    const files = await Promise.all(names.map((name) => makeFile(made.folder.dir, name, 20 * CHUNK)));
    await made.server.holdChunks();
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    await waitForRows(tab, names.length, (row) => row.staged);
    await made.app.closeTabsAndWait();
  }

  /** Opens a tab with an upload that stands still in its middle, and a worker that drives nothing. */
  async function pauseInTheMiddle(user: string): Promise<Page> {
    const tab = await made.app.signIn(user, settings);
    const { path } = await makeFile(made.folder.dir, `${user}.bin`, 20 * CHUNK);
    await made.server.holdChunks();
    await queueFiles(tab, [path]);
    await waitForRows(tab, 1, (row) => row.staged);
    await tab.getByRole('button', { name: 'Pause', exact: true }).click();
    await tab.getByRole('button', { name: 'Resume all' }).waitFor();
    made.server.releaseChunks();
    await until(async () => !(await tab.evaluate(isDriverRunning)), 'the end of the run');
    return tab;
  }

  const worker = () => {
    const [found] = made.app.context.serviceWorkers();
    if (!found) throw new Error('There is no worker.');
    return found;
  };
  const told = () => worker().evaluate(lastTold);
  /** What an upload ended with before, as its tab was closed, may be told first. */
  const becomes = (title: string, body: string) =>
    until(async () => {
      const last = await told();
      return last?.title === title && last.body === body;
    }, `"${title}: ${body}"`);

  it('what has arrived, and nothing any more once the app is open', async () => {
    await closeInTheMiddle('leaver', ['left.bin']);
    made.server.releaseChunks();
    await becomes('left.bin', 'Arrived');
    expect((await told())?.actions).toEqual([]);
    expect(await worker().evaluate(onDisplay)).toBe(1);
    expect(await worker().evaluate(lastBadge)).toBe(0);
    const opened = await recordOpenedWindows(worker());
    await worker().evaluate(press, '');
    await until(async () => (await opened()).length > 0, 'a window');
    const tab = await made.app.context.newPage();
    await tab.goto((await opened())[0] ?? '');
    const [row] = await waitForRows(tab, 1, isCompleted);
    await waitForFocusedUpload(tab, row?.id ?? '');
    await until(async () => (await worker().evaluate(onDisplay)) === 0, 'silence');
  });

  it('of many in one notification, and tries again what failed when it is asked to', async () => {
    await closeInTheMiddle('hoarder', ['one.bin', 'two.bin']);
    fault = REFUSED;
    made.server.releaseChunks();
    // Both: what fails after the button was pressed is not tried again by it.
    await becomes('Parallel Chunk Uploader', 'Failed: 2');
    expect((await told())?.actions).toEqual(['retry']);
    fault = undefined;
    await worker().evaluate(press, 'retry');
    await becomes('Parallel Chunk Uploader', 'Arrived: 2');
    expect(made.server.batches.list('hoarder')).toHaveLength(2);
    expect(await worker().evaluate(onDisplay)).toBe(1);
  });

  it('that its user has to sign in', async () => {
    await closeInTheMiddle('stranger', ['locked.bin']);
    fault = SIGNED_OUT;
    made.server.releaseChunks();
    await becomes('locked.bin', 'Waits for you to sign in');
    expect((await told())?.actions).toEqual([]);
    expect(await worker().evaluate(lastBadge)).toBe(1);
  });

  it('nothing while a tab is open', async () => {
    const before = await told();
    const tab = await made.app.signIn('stayer', settings);
    const { path } = await makeFile(made.folder.dir, 'stayed.bin', 3 * CHUNK);
    await queueFiles(tab, [path]);
    await waitForRows(tab, 1, isCompleted);
    expect(await told()).toEqual(before);
  });

  it.each(['a page’s wake', 'an alarm'])(
    'nothing where the browser refuses it, and sends all the same (%s)',
    async (by) => {
      await worker().evaluate(refuseTidings);
      const tab = await pauseInTheMiddle(by);
      if (by === 'an alarm') {
        await made.app.closeTabsAndWait();
        await worker().evaluate(storeResumed);
        await worker().evaluate(fireAlarm);
      } else {
        await tab.getByRole('button', { name: 'Resume all' }).click();
      }
      await until(() => made.server.batches.list(by).length > 0, `the batch of ${by}`);
    },
  );
});

// Each is sent to the worker, so it knows nothing but itself; the tests' types are those of a page.

interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly told: readonly Shown[];
  readonly badge?: number;
}

/**
 * Has the worker write down what it shows, once it is shown. Looking for it meanwhile would have Chromium forget it: what it
 * is asked for and does not display yet, it takes for gone. A browser without windows shows no badge either.
 */
function recordTidings(): void {
  const scope = globalThis as unknown as WorkerScope;
  const told: Shown[] = [];
  const show = scope.registration.showNotification.bind(scope.registration);
  scope.registration.showNotification = async (title, options) => {
    await show(title, options);
    const { body = '', actions = [] } = options as { body?: string; actions?: { action: string }[] };
    told.push({ title, body, actions: actions.map(({ action }) => action) });
  };
  navigator.setAppBadge = async (count) => void Object.assign(scope, { badge: count });
  Object.assign(scope, { told });
}

/** Has the browser refuse whatever would tell the user anything. */
function refuseTidings(): void {
  const scope = globalThis as unknown as WorkerScope;
  const refuse = () => Promise.reject(new Error('Refused.'));
  Object.assign(scope.registration, { getNotifications: refuse, showNotification: refuse });
  Object.assign(navigator, { setAppBadge: refuse, clearAppBadge: refuse });
}

/** Has an alarm ring as the browser would. */
function fireAlarm(): void {
  const scope = globalThis as unknown as { SyncEvent: new (type: string, init: object) => Event };
  dispatchEvent(new scope.SyncEvent('sync', { tag: 'upload-alarm-0' }));
}

function lastTold(): Shown | undefined {
  return (globalThis as unknown as WorkerScope).told.at(-1);
}

function lastBadge(): number | undefined {
  return (globalThis as unknown as WorkerScope).badge;
}

/** How many notifications the browser displays; asked in the lock in which they are shown, because some are told of twice. */
async function onDisplay(): Promise<number> {
  const { registration } = globalThis as unknown as WorkerScope;
  return (await navigator.locks.request('notifications', () => registration.getNotifications())).length;
}

/** Presses a button, or where none is named the notification; a browser without windows has nothing to press. */
async function press(action: string): Promise<void> {
  const scope = globalThis as unknown as {
    registration: ServiceWorkerRegistration;
    NotificationEvent: new (type: string, init: object) => Event;
  };
  const [notification] = await navigator.locks.request('notifications', () => scope.registration.getNotifications());
  dispatchEvent(new scope.NotificationEvent('notificationclick', { notification, action }));
}
