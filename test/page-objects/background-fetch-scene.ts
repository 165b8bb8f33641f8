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
const CONCURRENCY = 2;
const settings = { chunkBytes: CHUNK, concurrency: CONCURRENCY };
/** Few chunks arrive before the server holds the rest. */
const SLOW: Fault = { kind: 'delay', delayMs: 300 };
/** Chromium sends two requests at a time, and the machine may be busy. */
const ARRIVAL_TIMEOUT_MS = 180_000;
/** At this rate, in bytes per second, the file outlasts the worker after the tab is closed. */
const LOW_RATE = 10_000;

export const isInBackgroundFetch = (row: Row) => row.status === 'waiting: background-fetch';

/**
 * An app with uploads slow enough to be eligible for a Background Fetch, and a server that holds
 * chunks.
 */
export class BackgroundFetchScene {
  readonly server: TestServer;
  readonly app: TestApp;
  /** Chooses a fault for each chunk request, by whether it carries a token. */
  fault: ((request: { readonly hasToken: boolean }) => Fault | undefined) | undefined;
  readonly #folder: Folder;

  private constructor(server: TestServer, app: TestApp, folder: Folder) {
    this.server = server;
    this.app = app;
    this.#folder = folder;
    server.faults.before = ({ url, headers }) =>
      url.endsWith('/upload-chunk') ? this.fault?.({ hasToken: headers.authorization !== undefined }) : undefined;
  }

  /** The worker that is running now. */
  get worker(): Worker {
    const [found] = this.app.context.serviceWorkers();
    if (!found) throw new Error('No worker is running.');
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

  /** Ends what one test left behind. */
  async reset(): Promise<void> {
    this.fault = undefined;
    this.server.releaseChunks();
    await this.app.closeTabs();
    // A chunk sent before its session had an id may have opened the session of a cancelled upload
    // again.
    await this.server.holdChunks();
    for (const id of this.server.sessions.ids) await this.server.sessions.lose(id);
    this.server.releaseChunks();
  }

  /**
   * Queues a file, waits for its first chunk and lowers the rate, so that a Background Fetch is
   * offered.
   */
  async queueSlowUpload(user: string): Promise<{ tab: Page; file: TestFile }> {
    const { tab, files } = await this.queueSlowUploads(user, [`${user}.bin`]);
    return { tab, file: files[0] as TestFile };
  }

  /** The same with several files, of which the first has started. */
  async queueSlowUploads(user: string, names: readonly string[]): Promise<{ tab: Page; files: TestFile[] }> {
    const files = await Promise.all(names.map((name) => makeFile(this.#folder.dir, name, CHUNKS * CHUNK)));
    const tab = await this.app.signIn(user, settings);
    this.fault = () => SLOW;
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    // The first chunks have no session id to name yet.
    await until(() => this.server.acknowledgedChunks(user).length >= CONCURRENCY, 'the first chunks');
    await this.server.holdChunks();
    await until(async () => (await readRows(tab)).some(({ chunk0 }) => chunk0), 'the session id');
    // From the records: the page renders only the visible rows of a long queue.
    const areStaged = async () => (await this.#uploadsOf(user)).filter(isStaged).length === names.length;
    await until(areStaged, 'all files to be staged');
    await this.#slowDown(tab);
    this.fault = undefined;
    return { tab, files };
  }

  /**
   * Lowers the stored rate. A new run starts with it and measures no other while no chunk is
   * acknowledged.
   */
  async #slowDown(tab: Page): Promise<void> {
    const resume = tab.getByRole('button', { name: 'Resume all' });
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await resume.waitFor();
    await until(async () => !(await tab.evaluate(isDriverRunning)), 'the end of the run');
    await tab.evaluate(storeRate, LOW_RATE);
    await resume.click();
  }

  /** Clicks the button and waits until the browser has the uploads. */
  async startBackgroundFetch(tab: Page): Promise<void> {
    await findStartButton(tab).click();
    await this.waitForBackgroundFetch(tab);
  }

  async waitForBackgroundFetch(tab: Page): Promise<void> {
    await waitForRows(tab, 1, isInBackgroundFetch);
    await until(() => tab.evaluate(hasBackgroundFetch), 'the Background Fetch');
  }

  /** @param resent number of chunks that may have been in flight at a change of the sender */
  expectArrived(user: string, file: TestFile, resent: number): Promise<void> {
    return this.expectAllArrived(user, [file], resent);
  }

  async expectAllArrived(user: string, files: readonly TestFile[], resent: number): Promise<void> {
    const { server } = this;
    await until(() => server.batches.list(user).length >= files.length, `the batches of ${user}`, ARRIVAL_TIMEOUT_MS);
    const token = await server.issueToken(user);
    const ids = server.batches.list(user).map(({ batchId }) => batchId);
    const arrived = await Promise.all(ids.map((id) => downloadedSha256(`${server.url()}/api`, token, id)));
    expect(arrived.sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
    const areCompleted = async () => (await this.#uploadsOf(user)).filter(isCompleted).length === files.length;
    await until(areCompleted, `the records of ${user}`);
    expect(server.sessions.ids).toEqual([]);
    const chunks = (await this.#uploadsOf(user)).map(({ sizeBytes, plan }) => (plan ? cut(sizeBytes, plan).length : 0));
    const expectedChunks = chunks.reduce((sum, count) => sum + count, 0);
    // Chunks in flight at the pause also reached the server.
    expect(server.acknowledgedChunks(user).length - expectedChunks).toBeLessThanOrEqual(resent + CONCURRENCY);
  }

  async #uploadsOf(user: string): Promise<Upload[]> {
    return (await this.app.uploads()).filter(({ ownerId }) => ownerId === user);
  }
}

export function findStartButton(tab: Page) {
  return tab.getByRole('button', { name: 'Continue in background' });
}

/** Whether a Background Fetch is active. lib.dom lacks the API. */
export async function hasBackgroundFetch(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as unknown as {
    backgroundFetch: { getIds(): Promise<string[]> };
  };
  return (await registration.backgroundFetch.getIds()).length > 0;
}
