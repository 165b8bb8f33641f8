import { expectArrived } from '../fixtures/expect-arrived.ts';
import { type Folder, makeFile, type TestFile, tempFolder } from '../fixtures/files.ts';
import { startServer, type TestServer, until } from '../fixtures/test-server.ts';
import type { Engine, EngineFacts, Tab } from './engine.ts';
import { ConnectionGate } from './gate.ts';

const MIB = 1024 * 1024;
/** Slow enough that a long upload outlasts any event of a worker in these engines. */
const CHUNK_MS = 3000;

/** An engine with the app, and its server behind a connection that can be cut. */
export class EngineFixture {
  readonly server: TestServer;
  readonly gate: ConnectionGate;
  readonly #engine: Engine;
  readonly #folder: Folder;
  #tabs: Tab[] = [];

  private constructor(server: TestServer, gate: ConnectionGate, engine: Engine, folder: Folder) {
    this.server = server;
    this.gate = gate;
    this.#engine = engine;
    this.#folder = folder;
  }

  static async launch(launch: EngineFacts['launch']): Promise<EngineFixture> {
    const server = await startServer();
    const gate = new ConnectionGate(Number(new URL(server.url()).port));
    await gate.open();
    return new EngineFixture(server, gate, await launch(), await tempFolder());
  }

  async close(): Promise<void> {
    await this.#engine.close();
    await this.gate.cut();
    await this.server.close();
    await this.#folder.remove();
  }

  /** Clears what one test left behind. */
  async reset(): Promise<void> {
    this.server.faults.before = undefined;
    await this.closeTabs();
  }

  /** Opens a tab of the app, signed in if a user is given. */
  async openTab(user?: string): Promise<Tab> {
    const tab = await this.#engine.openTab();
    this.#tabs.push(tab);
    const site = `http://localhost:${this.gate.port}`;
    // A page of the origin without the app, because the app reads its settings at start.
    await tab.open(`${site}/icon.svg`);
    await tab.evaluate(() => localStorage.setItem('uploader-settings', '{"chunkBytes":1048576}'));
    const { hash } = new URL(user === undefined ? site : this.server.signInLink(user));
    await tab.open(`${site}/${hash}`);
    if (user !== undefined) {
      await until(async () => (await tab.evaluate(confirmSwitch)) === user, `the app of ${user}`);
    }
    return tab;
  }

  async closeTabs(): Promise<void> {
    for (const tab of this.#tabs.splice(0)) await tab.close();
  }

  async queueFile(tab: Tab, name: string, sizeMiB: number): Promise<TestFile> {
    const file = await makeFile(this.#folder.dir, name, sizeMiB * MIB);
    await tab.pick(file.path);
    return file;
  }

  /** Slows down every chunk. Returns the times at which chunks arrive. */
  slowDown(): number[] {
    const times: number[] = [];
    this.server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      times.push(Date.now());
      return { kind: 'delay', delayMs: CHUNK_MS };
    };
    return times;
  }

  waitForChunks(user: string, count: number): Promise<void> {
    return until(() => this.server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
  }

  expectArrived(user: string, file: TestFile): Promise<void> {
    return expectArrived(this.server, user, file);
  }
}

/**
 * Confirms that the user of a link takes the place of the one who is signed in. Returns who is
 * signed in. Runs in the page.
 */
function confirmSwitch(): string | null {
  const question = document.querySelector('switch-user')?.shadowRoot;
  question?.querySelector<HTMLElement>('button.main')?.click();
  const app = document.querySelector('upload-app') as { client?: { userId: string | null } | null } | null;
  return app?.client?.userId ?? null;
}
