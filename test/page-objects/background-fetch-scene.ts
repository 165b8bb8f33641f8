import type { Page, Worker } from 'playwright-core';
import { expect } from 'vitest';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { cut } from '../../src/shared/chunks.ts';
import { isStaged, type Upload } from '../../src/shared/upload.ts';
import { type Folder, makeFile, type TestFile, tempFolder } from '../fixtures/files.ts';
import type { Fault } from '../fixtures/server-faults.ts';
import { downloadedSha256, startServer, type TestServer, until } from '../fixtures/test-server.ts';
import { storeRate } from './browser-db.ts';
import { isCompleted, isDriverRunning, queueFiles, type Row, readRows, TestApp, waitForRows } from './test-app.ts';

const CHUNK = 256 * 1024;
const CHUNKS = 40;
const AT_ONCE = 2;
const settings = { chunkBytes: CHUNK, concurrency: AT_ONCE };
/** So slow that little has arrived when the server holds back. */
const SLOW: Fault = { kind: 'delay', delayMs: 300 };
/** The browser carries two requests at a time, of many uploads on a machine that is at something else. */
const ARRIVAL_TIMEOUT_MS = 180_000;
/** At this rate the file would outlast what a worker is given after the tab is closed, in bytes per second. */
const SLOW_RATE = 10_000;

export const isInBackgroundFetch = (row: Row) => row.status === 'waiting: background-fetch';

/** An app whose uploads are so slow that they are offered to the browser, and a server that holds back until it is released. */
export class BackgroundFetchScene {
  readonly server: TestServer;
  readonly app: TestApp;
  /** What happens to each request that brings a chunk; told whether it carries a token. */
  fault: ((request: { readonly hasToken: boolean }) => Fault | undefined) | undefined;
  readonly #folder: Folder;

  private constructor(server: TestServer, app: TestApp, folder: Folder) {
    this.server = server;
    this.app = app;
    this.#folder = folder;
    server.faults.before = ({ url, headers }) =>
      url.endsWith('/upload-chunk') ? this.fault?.({ hasToken: headers.authorization !== undefined }) : undefined;
  }

  /** The worker that lives now. */
  get worker(): Worker {
    const [found] = this.app.context.serviceWorkers();
    if (!found) throw new Error('There is no worker.');
    return found;
  }

  static async open(options: Partial<ServerOptions> = {}): Promise<BackgroundFetchScene> {
    const server = await startServer(options);
    const app = await TestApp.launch(server);
    await app.discoverServer(settings);
    return new BackgroundFetchScene(server, app, await tempFolder());
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.server.close();
    await this.#folder.remove();
  }

  /** Ends what one test left. */
  async reset(): Promise<void> {
    this.fault = undefined;
    this.server.releaseChunks();
    await this.app.closeTabs();
    // A chunk that was sent before its session had a name may have opened that of a cancelled upload again.
    await this.server.holdChunks();
    for (const id of this.server.sessions.ids) await this.server.sessions.lose(id);
    this.server.releaseChunks();
  }

  /** Queues a file of a user and waits for its first chunk; then the link counts as slow, and it is on offer. */
  async queueSlowUpload(user: string): Promise<{ tab: Page; file: TestFile }> {
    const { tab, files } = await this.queueSlowUploads(user, [`${user}.bin`]);
    return { tab, file: files[0] as TestFile };
  }

  /** The same with some files, of which the first one has begun. */
  async queueSlowUploads(user: string, names: readonly string[]): Promise<{ tab: Page; files: TestFile[] }> {
    const files = await Promise.all(names.map((name) => makeFile(this.#folder.dir, name, CHUNKS * CHUNK)));
    const tab = await this.app.signIn(user, settings);
    this.fault = () => SLOW;
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    // The first ones at once have no session to name yet.
    await until(() => this.server.acknowledgedChunks(user).length >= AT_ONCE, 'the first chunks');
    await this.server.holdChunks();
    await until(async () => (await readRows(tab)).some(({ chunk0 }) => chunk0), 'the session');
    // Read from the records: of a long queue the page holds the rows in sight only.
    const isWhole = async () => (await this.#uploadsOf(user)).filter(isStaged).length === names.length;
    await until(isWhole, 'the copies');
    await this.#slowDown(tab);
    this.fault = undefined;
    return { tab, files };
  }

  /** Has the link count as slow: a run knows of it what is remembered, and while nothing is answered it measures nothing else. */
  async #slowDown(tab: Page): Promise<void> {
    const resume = tab.getByRole('button', { name: 'Resume all' });
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await resume.waitFor();
    await until(async () => !(await tab.evaluate(isDriverRunning)), 'the end of the run');
    await tab.evaluate(storeRate, SLOW_RATE);
    await resume.click();
  }

  /** Presses the button, and waits until the browser has it. */
  async startBackgroundFetch(tab: Page): Promise<void> {
    await findStartButton(tab).click();
    await this.waitForBackgroundFetch(tab);
  }

  async waitForBackgroundFetch(tab: Page): Promise<void> {
    await waitForRows(tab, 1, isInBackgroundFetch);
    await until(() => tab.evaluate(hasBackgroundFetch), 'the Background Fetch');
  }

  /** @param resent how many chunks at most were on their way when somebody else took them over. */
  expectArrived(user: string, file: TestFile, resent: number): Promise<void> {
    return this.expectAllArrived(user, [file], resent);
  }

  async expectAllArrived(user: string, files: readonly TestFile[], resent: number): Promise<void> {
    const { server } = this;
    await until(() => server.batches.list(user).length >= files.length, `what ${user} sent`, ARRIVAL_TIMEOUT_MS);
    const token = await server.issueToken(user);
    const ids = server.batches.list(user).map(({ batchId }) => batchId);
    const arrived = await Promise.all(ids.map((id) => downloadedSha256(`${server.url()}/api`, token, id)));
    expect(arrived.sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
    const isBooked = async () => (await this.#uploadsOf(user)).filter(isCompleted).length === files.length;
    await until(isBooked, `the records of ${user}`);
    expect(server.sessions.ids).toEqual([]);
    const chunks = (await this.#uploadsOf(user)).map(({ sizeBytes, plan }) => (plan ? cut(sizeBytes, plan).length : 0));
    const least = chunks.reduce((sum, count) => sum + count, 0);
    // What was on its way when all was paused, the server has got too.
    expect(server.acknowledgedChunks(user).length - least).toBeLessThanOrEqual(resent + AT_ONCE);
  }

  async #uploadsOf(user: string): Promise<Upload[]> {
    return (await this.app.uploads()).filter(({ ownerId }) => ownerId === user);
  }
}

export function findStartButton(tab: Page) {
  return tab.getByRole('button', { name: 'Continue in background' });
}

/** Whether a Background Fetch is under way; lib.dom does not know it. */
export async function hasBackgroundFetch(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as unknown as {
    backgroundFetch: { getIds(): Promise<string[]> };
  };
  return (await registration.backgroundFetch.getIds()).length > 0;
}
