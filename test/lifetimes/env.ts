import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueCloseForecast } from '../../src/page/close-forecast.ts';
import { tempFolder } from '../fixtures/files.ts';
import { hasVirtualScreen, openVirtualScreen, type VirtualScreen } from '../fixtures/virtual-screen.ts';
import { Browser } from './browser.ts';
import { type Flow, measureFlow } from './flow.ts';
import { Site } from './site.ts';

/**
 * A slow uplink (4 Mbit/s): a chunk takes long compared with a request, and short compared with a
 * worker lifetime.
 */
const BYTES_PER_SECOND = 500_000;
const MIB = 1024 * 1024;
/** Afterwards the rate is known and every sync is registered. */
const WARM_UP_MS = 150_000;
const USER = 'owner';
const FIRST_USER = 'first user';

/** What the page reports in its title. */
export interface PageState {
  readonly visibility?: string;
  readonly status?: string;
  readonly staged?: string;
  readonly closing?: QueueCloseForecast | null;
}

/** A browser with the app, and the slow site that serves it. */
export class Env {
  readonly site: Site;
  browser: Browser;
  readonly #profile: string;
  readonly #screen: VirtualScreen | null;
  #app = '';
  #sizeMiB = 0;

  private constructor(site: Site, profile: string, screen: VirtualScreen | null) {
    this.site = site;
    this.#profile = profile;
    this.#screen = screen;
    this.browser = new Browser(profile, screen);
  }

  /** Runs a function in a fresh environment and cleans up. */
  static async use<T>(act: (env: Env) => Promise<T>): Promise<T> {
    const site = await Site.open(BYTES_PER_SECOND);
    const profile = await tempFolder();
    const screen = hasVirtualScreen() ? await openVirtualScreen() : null;
    const env = new Env(site, profile.dir, screen);
    try {
      return await act(env);
    } finally {
      await env.browser.kill();
      await screen?.close();
      await site.close();
      await profile.remove();
    }
  }

  /**
   * Opens the app and queues a file that takes this time. Waits until it is staged and the rate is
   * known.
   */
  async queue(minutes: number, more = ''): Promise<void> {
    // A blank tab keeps the browser alive when the tab of the app closes.
    await this.browser.open('about:blank');
    await this.#discoverServer();
    this.#sizeMiB = Math.ceil((minutes * 60 * BYTES_PER_SECOND + (WARM_UP_MS * BYTES_PER_SECOND) / 1000) / MIB);
    this.#app = await this.browser.open(this.site.url(`?queue=${this.#sizeMiB}${more}`, USER));
    await this.until(async () => (await this.readPage()).staged === 'true', 'the staged file', 10 * 60_000);
    await this.until(() => this.site.arrivals.some(({ slices }) => slices.length > 0), 'the first byte', 60_000);
    await sleep(WARM_UP_MS);
  }

  /** An unknown server counts as a basic one, with chunks too large for such a link. */
  async #discoverServer(): Promise<void> {
    const first = await this.browser.open(this.site.url('?queue=1', FIRST_USER));
    const { batches } = this.site.server;
    await this.until(() => batches.list(FIRST_USER).length > 0, 'the first batch', 60_000);
    await this.browser.close(first);
  }

  async readPage(): Promise<PageState> {
    const tab = (await this.browser.tabs()).find(({ targetId }) => targetId === this.#app);
    return tab?.title.startsWith('{') ? JSON.parse(tab.title) : {};
  }

  closeApp(): Promise<void> {
    return this.browser.close(this.#app);
  }

  /** Closes every tab of the browser, the one of the app last. */
  async closeAll(): Promise<void> {
    for (const { targetId } of await this.browser.tabs()) {
      if (targetId !== this.#app) await this.browser.close(targetId);
    }
    await this.closeApp();
  }

  /** Restarts the browser without the app and returns the time of the start. */
  restart(): number {
    this.browser = new Browser(this.#profile, this.#screen);
    return Date.now();
  }

  /** Whether the file arrived intact. Null without a batch. */
  async checkArrival(): Promise<'intact' | 'damaged' | null> {
    if (!this.#hasBatch) return null;
    return (await this.site.isIntact(USER, this.#sizeMiB)) ? 'intact' : 'damaged';
  }

  /** Waits for the batch, up to this time, and measures the flow meanwhile. */
  async measureFlow(minutes: number, from: number): Promise<Flow> {
    const giveUpAt = from + minutes * 60_000;
    while (!this.#hasBatch && Date.now() < giveUpAt) await sleep(200);
    return measureFlow(this.site.arrivals, from, Date.now());
  }

  get #hasBatch(): boolean {
    return this.site.server.batches.list(USER).length > 0;
  }

  async until(is: () => boolean | Promise<boolean>, what: string, ms: number): Promise<void> {
    const giveUpAt = Date.now() + ms;
    while (!(await is())) {
      if (Date.now() > giveUpAt)
        throw new Error(`Timed out waiting for ${what}: ${JSON.stringify(await this.readPage())}`);
      await sleep(200);
    }
  }
}
