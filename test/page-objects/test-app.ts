import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page, Worker } from 'playwright-core';
import type { Upload } from '../../src/shared/upload.ts';
import { launchChromium, openChromiumContext } from '../fixtures/chromium.ts';
import { type Folder, makeFile, tempFolder } from '../fixtures/files.ts';
import { until } from '../fixtures/test-server.ts';

/** One row of the queue as the page renders it. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly staged: boolean;
  readonly chunk0: boolean;
  readonly bytes: number;
}

/** The server that serves the app. */
interface Site {
  url(): string;
  signInLink(userId?: string): string | Promise<string>;
}

/** The built app in a browser. A blank page keeps the browser alive when every tab is closed. */
export class TestApp {
  readonly context: BrowserContext;
  readonly #site: Site;
  /** Null in a context of the shared browser. */
  readonly #profile: Folder | null;

  private constructor(context: BrowserContext, site: Site, profile: Folder | null) {
    this.context = context;
    this.#site = site;
    this.#profile = profile;
  }

  /**
   * Starts a browser for this app alone.
   *
   * @param profile of a browser that was killed; a fresh one unless given.
   * @param args of Chromium
   */
  static async launch(site: Site, profile?: Folder, args: readonly string[] = []): Promise<TestApp> {
    profile ??= await tempFolder();
    const context = await launchChromium({ profile: profile.dir, args });
    return new TestApp(context, site, profile);
  }

  /** Opens the app in a context of the browser that the files of a test worker share. */
  static async openShared(site: Site): Promise<TestApp> {
    const context = await openChromiumContext();
    await context.newPage();
    return new TestApp(context, site, null);
  }

  /** Opens a tab signed in as a user, with these app settings, and waits for the worker. */
  async signIn(userId: string, settings: object = {}): Promise<Page> {
    const tab = await this.context.newPage();
    // A page of the origin without the app, because the app reads its settings at start.
    await tab.goto(`${this.#site.url()}/icon.svg`);
    await tab.evaluate((text) => localStorage.setItem('uploader-settings', text), JSON.stringify(settings));
    await tab.goto(await this.#site.signInLink(userId));
    await this.#confirmSwitch(tab);
    await tab.locator('#files').waitFor();
    await tab.evaluate(async () => void (await navigator.serviceWorker.ready));
    return tab;
  }

  /** Confirms that the user of a link takes the place of the one who is signed in. */
  async #confirmSwitch(tab: Page): Promise<void> {
    const confirm = tab.locator('switch-user button.main');
    await confirm.or(tab.locator('#files')).first().waitFor();
    if (await confirm.isVisible()) await confirm.click();
  }

  /**
   * Uploads a byte, because an unknown server gets files that fit one request whole, not in chunks.
   */
  async discoverServer(settings: object = {}): Promise<void> {
    const { dir, remove } = await tempFolder();
    const file = await makeFile(dir, 'first.bin', 1);
    const tab = await this.signIn('first user', settings);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await this.closeTabs();
    await remove();
  }

  async openTab(): Promise<Page> {
    const tab = await this.context.newPage();
    await tab.goto(this.#site.url());
    return tab;
  }

  /** Closes every tab of the app. */
  async closeTabs(): Promise<void> {
    const [blank, ...tabs] = this.context.pages();
    await blank?.goto('about:blank');
    for (const tab of tabs) await tab.close();
  }

  /**
   * Closes every tab of the app and waits until the worker has no client: a closing tab counts as
   * open for a moment.
   */
  async closeTabsAndWait(): Promise<void> {
    await this.closeTabs();
    await until(async () => (await this.#worker?.evaluate(hasNoClients)) ?? true, 'the worker to have no client');
  }

  /** Stops the worker without notice, as the browser does. */
  async killWorker(tab: Page): Promise<void> {
    const devtools = await this.context.newCDPSession(tab);
    await devtools.send('ServiceWorker.enable');
    await devtools.send('ServiceWorker.stopAllWorkers');
    await devtools.detach();
  }

  /** Runs a function in the running worker; fails without one. */
  async evaluateInWorker<T>(work: () => T): Promise<T> {
    if (!this.#worker) throw new Error('No worker runs.');
    return this.#worker.evaluate<T>(work);
  }

  /** The records of all users. The worker reads them, so no tab is needed. */
  async uploads(): Promise<Upload[]> {
    const worker = this.#worker;
    if (!worker) return [];
    return worker.evaluate(
      () =>
        new Promise<Upload[]>((resolve, reject) => {
          const opening = indexedDB.open('parallel-chunk-uploader');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const reading = opening.result.transaction('uploads').objectStore('uploads').getAll();
            reading.onerror = () => reject(reading.error);
            reading.onsuccess = () => resolve(reading.result);
            opening.result.close();
          };
        }),
    );
  }

  /** Kills the browser. Its stored data is available to the next one with the same profile. */
  async kill(): Promise<Folder> {
    const profile = this.#profile;
    if (!profile) throw new Error('The shared browser cannot be killed. Start one with TestApp.launch().');
    // Chromium notes there which process uses the profile: HOST-PID.
    const holder = await readlink(join(profile.dir, 'SingletonLock'));
    const gone = new Promise((resolve) => this.context.once('close', resolve));
    process.kill(Number(holder.split('-').at(-1)), 'SIGKILL');
    await gone;
    return profile;
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.#profile?.remove();
  }

  get #worker(): Worker | undefined {
    return this.context.serviceWorkers().find((candidate) => candidate.url().startsWith(this.#site.url()));
  }
}

/** Whether no tab is open. Runs in the worker. */
async function hasNoClients(): Promise<boolean> {
  const { clients } = globalThis as unknown as { clients: { matchAll(options: object): Promise<readonly object[]> } };
  return (await clients.matchAll({ includeUncontrolled: true })).length === 0;
}

/** A tab of Playwright or of another driver. */
interface Evaluable {
  evaluate<T>(work: () => T | Promise<T>): Promise<T>;
}

/** Reads the rendered rows of the queue. */
export function readRows(tab: Evaluable): Promise<Row[]> {
  return tab.evaluate(() => {
    const list = document
      .querySelector('upload-app')
      ?.shadowRoot?.querySelector('queue-view')
      ?.shadowRoot?.querySelector('upload-list');
    const rows = list?.shadowRoot?.querySelectorAll<HTMLElement>('upload-row') ?? [];
    return Array.from(rows, (row) => {
      const { id = '', status = '', staged, chunk0, bytes } = row.dataset;
      const name = row.shadowRoot?.querySelector('h3')?.textContent ?? '';
      return { id, name, status, staged: staged === 'true', chunk0: chunk0 === 'true', bytes: Number(bytes) };
    });
  });
}

/** Waits until the queue has this number of rows and each of them fulfils a condition. */
export async function waitForRows(
  tab: Evaluable,
  count: number,
  is: (row: Row) => boolean,
  ms = 60_000,
): Promise<Row[]> {
  const giveUpAt = Date.now() + ms;
  for (;;) {
    const rows = await readRows(tab);
    if (rows.length === count && rows.every(is)) return rows;
    if (Date.now() > giveUpAt) throw new Error(`Timed out waiting for rows. They are: ${JSON.stringify(rows)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Queues files through the file input of the page. */
export async function queueFiles(tab: Page, paths: readonly string[]): Promise<void> {
  await tab.locator('#files').setInputFiles([...paths]);
}

/** Whether a run holds the lock of the driver. Runs in a page of the app. */
export async function isDriverRunning(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === 'upload-driver');
}

export const isCompleted = ({ status }: Pick<Row, 'status'>) => status === 'completed';
