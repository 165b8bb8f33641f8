import type { Page } from 'playwright-core';
import { type BufferingProxy, startBufferingProxy } from '../fixtures/buffering-proxy.ts';
import { type Folder, makeFile, tempFolder } from '../fixtures/files.ts';
import { type SlowLink, startSlowLink } from '../fixtures/slow-link.ts';
import { startServer, type TestServer, until } from '../fixtures/test-server.ts';
import { queueFiles, TestApp } from './test-app.ts';

/** Two chunks of 8 MiB share the link. */
export const LONG_REQUESTS = { chunkBytes: 8 * 1024 * 1024, concurrency: 2 };
const INTERVAL_MS = 200;

/** The numbers of the first row as the page shows them, and where the bytes are. */
export interface ShownNumbers {
  /** In ms since the observation began. */
  readonly at: number;
  readonly shownBytes: number;
  /** Bytes that have left the link, or the proxy, for the server, read after the page. */
  readonly arrivedBytes: number;
  /** Bytes that have crossed the link. */
  readonly transferredBytes: number;
  /** Bytes per second; null where the page shows none. */
  readonly rate: number | null;
  /** Null where the page shows none, or minutes. */
  readonly secondsLeft: number | null;
}

/** How the app reaches its server. */
export interface SlowLinkOptions {
  readonly bytesPerSecond: number;
  /** Whether a proxy behind the link forwards only complete requests. */
  readonly isBuffered?: boolean;
}

/** The app behind a slow link, and one upload. */
export class SlowLinkScene {
  readonly #server: TestServer;
  readonly #proxy: BufferingProxy | null;
  readonly #link: SlowLink;
  readonly #app: TestApp;
  readonly #folder: Folder;

  private constructor(server: TestServer, proxy: BufferingProxy | null, link: SlowLink, app: TestApp, folder: Folder) {
    this.#server = server;
    this.#proxy = proxy;
    this.#link = link;
    this.#app = app;
    this.#folder = folder;
  }

  static async open({ bytesPerSecond, isBuffered = false }: SlowLinkOptions): Promise<SlowLinkScene> {
    const server = await startServer();
    const port = Number(new URL(server.url()).port);
    const proxy = isBuffered ? await startBufferingProxy(port) : null;
    const link = await startSlowLink(proxy?.port ?? port, bytesPerSecond);
    const url = () => link.url;
    const signInLink = (userId?: string) => server.signInLink(userId).replace(server.url(), link.url);
    const app = await TestApp.launch({ url, signInLink });
    await app.discoverServer();
    return new SlowLinkScene(server, proxy, link, app, await tempFolder());
  }

  /**
   * Uploads a file, and reads the page several times a second until the upload is completed or the
   * time is over.
   */
  async observe(sizeBytes: number, ms: number, settings: object = LONG_REQUESTS): Promise<ShownNumbers[]> {
    const file = await makeFile(this.#folder.dir, 'slow.bin', sizeBytes);
    const tab = await this.#app.signIn('ada', settings);
    const before = { arrivedBytes: this.#arrivedBytes, transferredBytes: this.#link.transferredBytes };
    await queueFiles(tab, [file.path]);
    const samples: ShownNumbers[] = [];
    const startedAt = performance.now();
    let nextAt = 0;
    const readOnce = async () => {
      const at = performance.now() - startedAt;
      if (at < nextAt) return false;
      nextAt = at + INTERVAL_MS;
      const { texts, status, shownBytes } = await readFirstRow(tab);
      const arrivedBytes = this.#arrivedBytes - before.arrivedBytes;
      const transferredBytes = this.#link.transferredBytes - before.transferredBytes;
      samples.push({ at, shownBytes, arrivedBytes, transferredBytes, ...parseTexts(texts) });
      return at >= ms || status === 'completed';
    };
    await until(readOnce, 'the end of the observation', 2 * ms + 30_000);
    return samples;
  }

  async close(): Promise<void> {
    await this.#app.close();
    await this.#link.close();
    await this.#proxy?.close();
    await this.#server.close();
    await this.#folder.remove();
  }

  get #arrivedBytes(): number {
    return this.#proxy?.forwardedBytes ?? this.#link.transferredBytes;
  }
}

async function readFirstRow(tab: Page): Promise<{ shownBytes: number; status: string; texts: string[] }> {
  const row = tab.locator('upload-row').first();
  return row.evaluate(({ dataset, shadowRoot }: HTMLElement) => {
    const numbers = shadowRoot?.querySelectorAll('.numbers bdi') ?? [];
    const texts = Array.from(numbers, ({ textContent }) => textContent);
    return { shownBytes: Number(dataset.bytes), status: dataset.status ?? '', texts };
  });
}

/** @param texts such as "1.5 of 40.0 MB", "998 kB/s" and "38 sec left". */
function parseTexts(texts: readonly string[]): Pick<ShownNumbers, 'rate' | 'secondsLeft'> {
  const rate = /^([\d.,]+) (kB|MB)\/s$/.exec(texts[1] ?? '');
  const left = /^(\d+) sec left$/.exec(texts[2] ?? '');
  const value = Number(rate?.[1]?.replace(',', ''));
  return { rate: rate && value * (rate[2] === 'MB' ? 1e6 : 1e3), secondsLeft: left && Number(left[1]) };
}
