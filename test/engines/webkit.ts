import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Folder, tempFolder } from '../fixtures/files.ts';
import { until } from '../fixtures/test-server.ts';
import { openVirtualScreen, type VirtualScreen } from '../fixtures/virtual-screen.ts';
import { type Engine, fileInput, type Tab } from './engine.ts';
import { WebDriver } from './webdriver.ts';

/** The path in Debian. */
export const WEBKIT_DRIVER = '/usr/bin/WebKitWebDriver';

const OPTIONS = { 'webkitgtk:browserOptions': { binary: join(import.meta.dirname, 'webkit-browser.py'), args: [] } };
/** The key of an element reference (section 12.3). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** WebKitGTK over WebDriver, on a virtual screen. */
export class WebKit implements Engine {
  readonly #driver: WebDriver;
  readonly #service: ChildProcess;
  readonly #screen: VirtualScreen;
  readonly #profile: Folder;

  private constructor(driver: WebDriver, service: ChildProcess, screen: VirtualScreen, profile: Folder) {
    this.#driver = driver;
    this.#service = service;
    this.#screen = screen;
    this.#profile = profile;
  }

  static async launch(): Promise<WebKit> {
    const profile = await tempFolder();
    const screen = await openVirtualScreen();
    const port = await freePort();
    const env = { ...process.env, DISPLAY: screen.DISPLAY, PROFILE: profile.dir };
    const service = spawn(WEBKIT_DRIVER, [`--port=${port}`], { stdio: 'ignore', env });
    const url = `http://127.0.0.1:${port}`;
    await until(() => answers(`${url}/status`), 'WebKitWebDriver');
    return new WebKit(await WebDriver.open(url, OPTIONS), service, screen, profile);
  }

  async openTab(): Promise<Tab> {
    return new WebKitTab(this.#driver, await this.#driver.newWindow());
  }

  async close(): Promise<void> {
    await this.#driver.close();
    const gone = once(this.#service, 'exit');
    this.#service.kill();
    await gone;
    await this.#screen.close();
    await this.#profile.remove();
  }
}

class WebKitTab implements Tab {
  readonly #driver: WebDriver;
  readonly #handle: string;

  constructor(driver: WebDriver, handle: string) {
    this.#driver = driver;
    this.#handle = handle;
  }

  async open(url: string): Promise<void> {
    await this.#send('POST', '/url', { url });
  }

  async evaluate<T>(work: () => T | Promise<T>): Promise<T> {
    return (await this.#send('POST', '/execute/sync', { script: `return (${work})()`, args: [] })) as T;
  }

  async pick(path: string): Promise<void> {
    let input: unknown = null;
    await until(async () => {
      input = await this.evaluate(fileInput);
      return input !== null;
    }, 'the file input');
    const id = (input as Record<string, string>)[ELEMENT];
    await this.#send('POST', `/element/${id}/value`, { text: path });
  }

  async close(): Promise<void> {
    await this.#send('DELETE', '/window');
  }

  #send(method: string, path: string, body?: object): Promise<unknown> {
    return this.#driver.send(this.#handle, method, path, body);
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
