import type { Page } from 'playwright-core';
import type { UploadClient } from '../../../src/page/index.ts';
import type { Upload } from '../../../src/shared/upload.ts';
import { TestApp } from '../../page-objects/test-app.ts';
import type { ExchangeLog } from './exchange-log.ts';

/** The app element, as far as the soak uses it. Its client is the library. */
export type AppElement = Element & { readonly client: UploadClient | null };

/** Where the app is served, and its sign-in links. */
export interface Site {
  url(): string;
  signInLink(userId?: string): Promise<string>;
}

/** Upload ids of the stored pieces and receipts. */
export interface StoredKeys {
  readonly pieces: readonly string[];
  readonly receipts: readonly string[];
}

const TRIES = 8;

/** The browser of one user. It keeps its profile when it is killed and restarted. */
export class Browser {
  readonly #site: Site;
  readonly #settings: object;
  readonly #log: ExchangeLog;
  #app: TestApp;
  #user: string;
  #tab: Page | null = null;

  private constructor(app: TestApp, site: Site, settings: object, log: ExchangeLog, user: string) {
    this.#app = app;
    this.#site = site;
    this.#settings = settings;
    this.#log = log;
    this.#user = user;
  }

  static async start(site: Site, settings: object, log: ExchangeLog, user: string): Promise<Browser> {
    const browser = new Browser(await TestApp.launch(site), site, settings, log, user);
    await browser.signIn(user);
    return browser;
  }

  get user(): string {
    return this.#user;
  }

  /** The visible tab. Opens one when there is none. */
  async getTab(): Promise<Page> {
    if (this.#tab && !this.#tab.isClosed()) return this.#tab;
    return this.#retry(async () => {
      const tab = await this.openTab();
      // Only then is it known whether the server still knows the session.
      await tab.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => undefined);
      // The cookie of a killed browser may not have reached the disk, so the user signs in again.
      const user = await tab.evaluate(() => document.querySelector<AppElement>('upload-app')?.client?.userId ?? null);
      this.#tab = user === this.#user ? tab : await this.#app.signIn(this.#user, this.#settings);
      return this.#tab;
    });
  }

  /** Opens another tab. `init` runs in it before the app. */
  async openTab(init?: () => void): Promise<Page> {
    const tab = await this.#app.context.newPage();
    if (init) await tab.addInitScript(init);
    await tab.goto(this.#site.url());
    await tab.waitForFunction(() => document.querySelector<AppElement>('upload-app')?.client);
    return tab;
  }

  async signIn(user: string): Promise<void> {
    this.#user = user;
    await this.#retry(async () => {
      await this.closeTabs();
      this.#tab = await this.#app.signIn(user, this.#settings);
    });
    this.#log.recordSignIn(user);
  }

  /**
   * Whether the app asks for a sign-in. A killed browser may lose its cookie and notice it later.
   */
  async isSignedOut(): Promise<boolean> {
    return (await this.getTab()).evaluate(
      () => document.querySelector<AppElement>('upload-app')?.client?.userId === null,
    );
  }

  async closeTabs(): Promise<void> {
    this.#tab = null;
    await this.#app.closeTabs();
  }

  async reload(): Promise<void> {
    await (await this.getTab()).reload();
    await this.#tab?.waitForFunction(() => document.querySelector<AppElement>('upload-app')?.client);
  }

  async stopWorker(): Promise<void> {
    const from = Date.now();
    await this.#app.killWorker(await this.getTab());
    this.#log.recordBlindSpell(from);
  }

  /** Kills the whole browser and starts it again with its profile. */
  async killAndRestart(): Promise<void> {
    const from = Date.now();
    const profile = await this.#app.kill();
    this.#log.recordBlindSpell(from);
    this.#tab = null;
    this.#app = await TestApp.launch(this.#site, profile);
  }

  setOffline(isOffline: boolean): Promise<void> {
    return this.#app.context.setOffline(isOffline);
  }

  /** Shifts every clock of the app until worker or page restart. */
  async shiftClocks(shiftMs: number): Promise<void> {
    const places = [...this.#app.context.serviceWorkers(), await this.getTab()];
    for (const place of places) {
      const shift = (ms: number) => {
        const clock = Date as typeof Date & { true?: () => number };
        const now = clock.true ?? Date.now.bind(Date);
        clock.true = now;
        Date.now = () => now() + ms;
      };
      // A worker that was stopped meanwhile has the right time again.
      await (place as Page).evaluate(shift, shiftMs).catch(() => undefined);
    }
  }

  /** Makes the tab fail to store pieces. Chromium 156 exceeds a quota that is set over DevTools. */
  async fillStorage(isFull: boolean): Promise<void> {
    await (await this.getTab()).evaluate((full) => {
      const store = IDBObjectStore.prototype as IDBObjectStore & { truePut?: IDBObjectStore['put'] };
      store.truePut ??= store.put;
      const put = store.truePut;
      store.put = function (value: unknown, key?: IDBValidKey) {
        if (full && this.name === 'pieces') throw new DOMException('No room.', 'QuotaExceededError');
        return key === undefined ? put.call(this, value) : put.call(this, value, key);
      };
      const storage = navigator.storage as StorageManager & { trueEstimate?: StorageManager['estimate'] };
      storage.trueEstimate ??= storage.estimate.bind(storage);
      const estimate = storage.trueEstimate;
      storage.estimate = async () => (full ? { quota: 1, usage: 1 } : estimate());
    }, isFull);
  }

  /** The stored records of all users. */
  async readRecords(): Promise<Upload[]> {
    const read = await (await this.getTab()).evaluate(readStores);
    return read.uploads;
  }

  /** The stored pieces and receipts by upload. */
  async readStoredKeys(): Promise<StoredKeys> {
    return (await this.getTab()).evaluate(readStores);
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  /** Retries while the server is down or the tab is gone, as a user does. */
  async #retry<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
        await this.#app.closeTabs().catch(() => undefined);
      }
    }
  }
}

/** Runs in the page. tsx would add a helper to a named function, which the page lacks. */
function readStores(): Promise<{ uploads: Upload[] } & StoredKeys> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const stores = ['uploads', 'pieces', 'receipts'];
      const reading = opening.result.transaction(stores);
      const [uploads, ...keys] = stores.map((name) => reading.objectStore(name));
      const records = uploads?.getAll();
      const [pieces, receipts] = keys.map((store) => store.getAllKeys());
      reading.onerror = () => reject(reading.error);
      reading.oncomplete = () => {
        const [staged = [], booked = []] = [pieces, receipts].map((keys) => keys?.result as string[][] | undefined);
        const owners = [staged, booked].map((keys) => keys.map(([id = '']) => id));
        resolve({ uploads: records?.result ?? [], pieces: owners[0] ?? [], receipts: owners[1] ?? [] });
      };
      opening.result.close();
    };
  });
}
