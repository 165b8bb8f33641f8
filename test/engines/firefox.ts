import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';
import { type Engine, fileInput, type Tab } from './engine.ts';

/** The path in Debian. */
export const FIREFOX = '/usr/bin/firefox-esr';

const PREFERENCES = {
  // Headless Firefox cannot show the permission prompt for persistent storage, and the request
  // would stay pending.
  'dom.storageManager.prompt.testing': true,
  'dom.storageManager.prompt.testing.allow': true,
};

/** Firefox over WebDriver BiDi. */
export class Firefox implements Engine {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<Firefox> {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      headless: true,
      extraPrefsFirefox: PREFERENCES,
    });
    return new Firefox(browser);
  }

  async openTab(): Promise<Tab> {
    return new FirefoxTab(await this.#browser.newPage());
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

class FirefoxTab implements Tab {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(url: string): Promise<void> {
    await this.#page.goto(url);
  }

  async evaluate<T>(work: () => T | Promise<T>): Promise<T> {
    return await this.#page.evaluate(work);
  }

  async pick(path: string): Promise<void> {
    const input = await this.#page.waitForFunction(fileInput);
    await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}
