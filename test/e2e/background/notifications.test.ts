import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import type { Fault } from '../../fixtures/server-faults.ts';
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

describe('notifications with no tab open', () => {
  const fixture = withApp({ browser: 'own' });
  let fault: Fault | undefined;

  beforeAll(async () => {
    await fixture.app.context.grantPermissions(['notifications'], { origin: fixture.server.url() });
    await fixture.app.discoverServer(settings);
    await worker().evaluate(recordNotifications);
  });

  beforeEach(() => {
    fixture.server.faults.before = ({ url }) => (url.endsWith('/upload-chunk') ? fault : undefined);
  });

  afterEach(() => {
    fault = undefined;
  });

  /**
   * Queues files of several chunks and closes the tab in mid-upload. The server holds chunks until
   * it releases them.
   */
  async function closeInMidUpload(user: string, names: readonly string[]): Promise<void> {
    const tab = await fixture.app.signIn(user, settings);
    const files = await Promise.all(names.map((name) => makeFile(fixture.folder.dir, name, 20 * CHUNK)));
    await fixture.server.holdChunks();
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    await waitForRows(tab, names.length, (row) => row.staged);
    await fixture.app.closeTabsAndWait();
  }

  /** Opens a tab with an upload that is paused in its middle, and a worker that drives nothing. */
  async function pauseInMidUpload(user: string): Promise<Page> {
    const tab = await fixture.app.signIn(user, settings);
    const { path } = await makeFile(fixture.folder.dir, `${user}.bin`, 20 * CHUNK);
    await fixture.server.holdChunks();
    await queueFiles(tab, [path]);
    await waitForRows(tab, 1, (row) => row.staged);
    await tab.getByRole('button', { name: 'Pause', exact: true }).click();
    await tab.getByRole('button', { name: 'Resume all' }).waitFor();
    fixture.server.releaseChunks();
    await until(async () => !(await tab.evaluate(isDriverRunning)), 'the end of the run');
    return tab;
  }

  const worker = () => {
    const [found] = fixture.app.context.serviceWorkers();
    if (!found) throw new Error('There is no worker.');
    return found;
  };
  const readLast = () => worker().evaluate(readLastNotification);
  /** A notification of the state before the tab closed may be shown first. */
  const waitForNotification = (title: string, body: string) =>
    until(async () => {
      const last = await readLast();
      return last?.title === title && last.body === body;
    }, `"${title}: ${body}"`);

  it('shows an upload that completed and closes when the app opens', async () => {
    await closeInMidUpload('leaver', ['left.bin']);
    fixture.server.releaseChunks();
    await waitForNotification('left.bin', 'Uploaded');
    expect((await readLast())?.actions).toEqual([]);
    expect(await worker().evaluate(countDisplayed)).toBe(1);
    expect(await worker().evaluate(readLastBadge)).toBe(0);
    const opened = await recordOpenedWindows(worker());
    await worker().evaluate(press, '');
    await until(async () => (await opened()).length > 0, 'an opened window');
    const tab = await fixture.app.context.newPage();
    await tab.goto((await opened())[0] ?? '');
    const [row] = await waitForRows(tab, 1, isCompleted);
    await waitForFocusedUpload(tab, row?.id ?? '');
    await until(async () => (await worker().evaluate(countDisplayed)) === 0, 'no notification');
  });

  it('counts many uploads in one notification and retries on its button', async () => {
    await closeInMidUpload('hoarder', ['one.bin', 'two.bin']);
    fault = REFUSED;
    fixture.server.releaseChunks();
    // Both have to fail first: the button retries only uploads that failed before.
    await waitForNotification('Uploader', 'Failed: 2');
    expect((await readLast())?.actions).toEqual(['retry']);
    fault = undefined;
    await worker().evaluate(press, 'retry');
    await waitForNotification('Uploader', 'Uploaded: 2');
    expect(fixture.server.batches.list('hoarder')).toHaveLength(2);
    expect(await worker().evaluate(countDisplayed)).toBe(1);
  });

  it('asks the user to sign in', async () => {
    await closeInMidUpload('stranger', ['locked.bin']);
    fault = SIGNED_OUT;
    fixture.server.releaseChunks();
    await waitForNotification('locked.bin', 'Sign in to continue uploading');
    expect((await readLast())?.actions).toEqual([]);
    expect(await worker().evaluate(readLastBadge)).toBe(1);
  });

  it('shows nothing while a tab is open', async () => {
    const before = await readLast();
    const tab = await fixture.app.signIn('stayer', settings);
    const { path } = await makeFile(fixture.folder.dir, 'stayed.bin', 3 * CHUNK);
    await queueFiles(tab, [path]);
    await waitForRows(tab, 1, isCompleted);
    expect(await readLast()).toEqual(before);
  });

  it.each(['a message of the page', 'a sync event'])(
    'completes an upload although notifications are refused (%s)',
    async (by) => {
      await worker().evaluate(refuseNotifications);
      const tab = await pauseInMidUpload(by);
      if (by === 'a sync event') {
        await fixture.app.closeTabsAndWait();
        await worker().evaluate(storeResumed);
        await worker().evaluate(fireSync);
      } else {
        await tab.getByRole('button', { name: 'Resume all' }).click();
      }
      await until(() => fixture.server.batches.list(by).length > 0, `the batch of ${by}`);
    },
  );
});

// The functions below run in the worker, so they use nothing of this module.

interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly shown: readonly Shown[];
  readonly badge?: number;
}

/**
 * Records each notification once it is shown. Reading notifications earlier would make Chromium
 * forget one that is requested and not displayed yet. A headless browser shows no badge, so the
 * badge is recorded too.
 */
function recordNotifications(): void {
  const scope = globalThis as unknown as WorkerScope;
  const shown: Shown[] = [];
  const show = scope.registration.showNotification.bind(scope.registration);
  scope.registration.showNotification = async (title, options) => {
    await show(title, options);
    const { body = '', actions = [] } = options as { body?: string; actions?: { action: string }[] };
    shown.push({ title, body, actions: actions.map(({ action }) => action) });
  };
  navigator.setAppBadge = async (count) => void Object.assign(scope, { badge: count });
  Object.assign(scope, { shown });
}

/** Makes the browser refuse notifications and badge. */
function refuseNotifications(): void {
  const scope = globalThis as unknown as WorkerScope;
  const refuse = () => Promise.reject(new Error('Refused.'));
  Object.assign(scope.registration, { getNotifications: refuse, showNotification: refuse });
  Object.assign(navigator, { setAppBadge: refuse, clearAppBadge: refuse });
}

/** Fires a sync event as the browser would. */
function fireSync(): void {
  const scope = globalThis as unknown as { SyncEvent: new (type: string, init: object) => Event };
  dispatchEvent(new scope.SyncEvent('sync', { tag: 'upload-sync-0' }));
}

function readLastNotification(): Shown | undefined {
  return (globalThis as unknown as WorkerScope).shown.at(-1);
}

function readLastBadge(): number | undefined {
  return (globalThis as unknown as WorkerScope).badge;
}

/**
 * Counts the displayed notifications, in the lock that guards showing them, because some are shown
 * twice.
 */
async function countDisplayed(): Promise<number> {
  const { registration } = globalThis as unknown as WorkerScope;
  return (await navigator.locks.request('notifications', () => registration.getNotifications())).length;
}

/**
 * Presses a button of the notification, or the notification itself for an empty action. A headless
 * browser has neither.
 */
async function press(action: string): Promise<void> {
  const scope = globalThis as unknown as {
    registration: ServiceWorkerRegistration;
    NotificationEvent: new (type: string, init: object) => Event;
  };
  const [notification] = await navigator.locks.request('notifications', () => scope.registration.getNotifications());
  dispatchEvent(new scope.NotificationEvent('notificationclick', { notification, action }));
}
