import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/server/faults.ts';
import { type Folder, makeFile, tempFolder } from '../support/files.ts';
import { isCompleted, queue, rowsBecome, TestApp } from '../support/harness.ts';
import { startServer, type TestServer, until } from '../support/test-server.ts';

const CHUNK = 256 * 1024;
const settings = { chunkBytes: CHUNK };
const REFUSED: Fault = { kind: 'status', status: 403 };

/** A notification as the browser shows it. */
interface Shown {
  readonly title: string;
  readonly body: string;
  readonly actions: readonly string[];
}

describe('with no tab open the worker tells', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;
  let fault: Fault | undefined;

  beforeAll(async () => {
    folder = await tempFolder();
    server = await startServer();
    app = await TestApp.launch(server);
    await app.context.grantPermissions(['notifications'], { origin: server.url() });
    await app.meetServer(settings);
    server.faults.before = ({ url }) => (url.endsWith('/upload-chunk') ? fault : undefined);
  });

  afterEach(async () => {
    fault = undefined;
    server.release();
    await app.closeTabs();
  });

  afterAll(async () => {
    await app?.close();
    await server?.close();
    await folder?.remove();
  });

  /** Queues files of some chunks each, and closes the tab in the middle; the server holds back until it is released. */
  async function closeInTheMiddle(user: string, names: readonly string[]): Promise<void> {
    const tab = await app.signIn(user, settings);
    const files = await Promise.all(names.map((name) => makeFile(folder.dir, name, 20 * CHUNK)));
    await server.hold();
    await queue(
      tab,
      files.map(({ path }) => path),
    );
    await rowsBecome(tab, names.length, (row) => row.staged);
    await app.closeTabs();
  }

  const worker = () => {
    const [found] = app.context.serviceWorkers();
    if (!found) throw new Error('There is no worker.');
    return found;
  };
  const shown = () => worker().evaluate(notifications);

  it('what has arrived, and nothing any more once the app is open', async () => {
    await closeInTheMiddle('leaver', ['left.bin']);
    await worker().evaluate(recordBadge);
    server.release();
    await until(async () => (await shown()).length > 0, 'a notification');
    expect(await shown()).toEqual([{ title: 'left.bin', body: 'Arrived', actions: [] }]);
    expect(await worker().evaluate(lastBadge)).toBe(0);
    const tab = await app.openTab();
    await rowsBecome(tab, 1, isCompleted);
    await until(async () => (await shown()).length === 0, 'silence');
  });

  it('of many in one notification, and tries again what failed when it is asked to', async () => {
    await closeInTheMiddle('hoarder', ['one.bin', 'two.bin']);
    fault = REFUSED;
    server.release();
    // Both: what fails after the button was pressed is not tried again by it.
    await until(async () => (await shown()).some(({ body }) => body === 'Failed: 2'), 'a notification');
    fault = undefined;
    await worker().evaluate(pressRetry);
    await until(() => server.batches.list('hoarder').length === 2, 'both batches');
    await until(
      async () => (await shown()).some(({ body }) => body === 'Arrived: 2' || body === 'Arrived'),
      'the news',
    );
    expect(await shown()).toHaveLength(1);
  });

  it('nothing while a tab is open', async () => {
    const tab = await app.signIn('stayer', settings);
    const { path } = await makeFile(folder.dir, 'stayed.bin', 3 * CHUNK);
    await queue(tab, [path]);
    await rowsBecome(tab, 1, isCompleted);
    expect(await shown()).toEqual([]);
  });
});

// Each is sent to the worker, so it knows nothing but itself; the tests' types are those of a page.

async function notifications(): Promise<Shown[]> {
  const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
  type WithActions = Notification & { readonly actions: readonly { readonly action: string }[] };
  const all = (await registration.getNotifications()) as WithActions[];
  return all.map(({ title, body, actions }) => ({ title, body, actions: actions.map(({ action }) => action) }));
}

/** A browser without windows shows no badge: what it is told is written down. */
function recordBadge(): void {
  navigator.setAppBadge = async (count) => void Object.assign(globalThis, { badge: count });
}

function lastBadge(): number | undefined {
  return (globalThis as { badge?: number }).badge;
}

/** Presses the button; a browser without windows has nothing to press. */
async function pressRetry(): Promise<void> {
  const scope = globalThis as unknown as {
    registration: ServiceWorkerRegistration;
    NotificationEvent: new (type: string, init: object) => Event;
  };
  const [notification] = await scope.registration.getNotifications();
  dispatchEvent(new scope.NotificationEvent('notificationclick', { notification, action: 'retry' }));
}
