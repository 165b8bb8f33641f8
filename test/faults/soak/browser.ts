import type { Page } from 'playwright-core';
import type { UploadClient } from '../../../src/page/index.ts';
import type { Upload } from '../../../src/shared/upload.ts';
import { TestApp } from '../../page-objects/test-app.ts';
import type { ExchangeLog } from './exchange-log.ts';

/** The app's own element, as far as it is used here: its client is the library a page would use. */
export type AppElement = Element & { readonly client: UploadClient | null };

/** Where the app is, and who may sign in to it. */
export interface Site {
  url(): string;
  signInLink(userId?: string): Promise<string>;
}

/** Staged bytes that are still there, in records of the stores. */
export interface StoredKeys {
  readonly pieces: readonly string[];
  readonly receipts: readonly string[];
}

const TRIES = 8;

/** One user's browser, which is killed, closed and opened, and stays the same one. */
export class Browser {
  readonly #site: Site;
  readonly #settings: object;
  readonly #ledger: ExchangeLog;
  #app: TestApp;
  #user: string;
  #tab: Page | null = null;

  private constructor(app: TestApp, site: Site, settings: object, ledger: ExchangeLog, user: string) {
    this.#app = app;
    this.#site = site;
    this.#settings = settings;
    this.#ledger = ledger;
    this.#user = user;
  }

  static async start(site: Site, settings: object, ledger: ExchangeLog, user: string): Promise<Browser> {
    const browser = new Browser(await TestApp.launch(site), site, settings, ledger, user);
    await browser.signIn(user);
    return browser;
  }

  get user(): string {
    return this.#user;
  }

  /** The tab that the user looks at; opened when there is none. */
  async getTab(): Promise<Page> {
    if (this.#tab && !this.#tab.isClosed()) return this.#tab;
    return this.#retry(async () => {
      const tab = await this.openTab();
      // Until then it is not known whether the server still knows the session.
      await tab.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => undefined);
      // The cookie of a killed browser may not have reached its disk: then the user signs in again.
      const user = await tab.evaluate(() => document.querySelector<AppElement>('upload-app')?.client?.userId ?? null);
      this.#tab = user === this.#user ? tab : await this.#app.signIn(this.#user, this.#settings);
      return this.#tab;
    });
  }

  /** One more tab, beside whatever is open; `init` runs in it before the app does. */
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
    this.#ledger.recordSignIn(user);
  }

  /** Whether the app asks to sign in: a killed browser may lose its cookie, and learn that only later. */
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
    this.#ledger.recordBlindSpell(from);
  }

  /** Ends the whole browser without a word to it, and starts it again on what it had stored. */
  async killAndRestart(): Promise<void> {
    const from = Date.now();
    const profile = await this.#app.kill();
    this.#ledger.recordBlindSpell(from);
    this.#tab = null;
    this.#app = await TestApp.launch(this.#site, profile);
  }

  setOffline(isOffline: boolean): Promise<void> {
    return this.#app.context.setOffline(isOffline);
  }

  /** Has every clock of the app say this much more than the time, until the worker or page starts anew. */
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

  /** Whether the tab finds no room for a copy. Chromium 156 goes on storing over a quota that the driver sets. */
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

  /** The records of all users, as they stand in the browser's database. */
  async readRecords(): Promise<Upload[]> {
    const read = await (await this.getTab()).evaluate(readStores);
    return read.uploads;
  }

  /** What is staged and booked in the browser's database, by upload. */
  async readStoredKeys(): Promise<StoredKeys> {
    return (await this.getTab()).evaluate(readStores);
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  /** A user goes on trying where a server that is down, or a tab that is gone, was in the way. */
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

/** Runs in the page, where a function with a name would miss what tsx adds to it. */
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
