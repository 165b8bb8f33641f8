import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { CHROMIUM_ARGS, findChromium } from '../fixtures/chromium.ts';
import type { VirtualScreen } from '../fixtures/virtual-screen.ts';

/** A tab as the browser lists it. */
interface Target {
  readonly targetId: string;
  readonly url: string;
  readonly title: string;
}

/** How the browser is started. */
interface Launch {
  /** The command that runs it, with its arguments. */
  readonly wrapper?: readonly string[];
  readonly args?: readonly string[];
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/**
 * Chromium over its remote-debugging pipe (https://chromedevtools.github.io/devtools-protocol/,
 * messages end with a zero byte). It never attaches to a page or worker: an attached session
 * disables the time limits that are measured here.
 */
export class Browser {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #exited: Promise<unknown>;
  #nextId = 0;
  #isOver = false;

  /**
   * @param profile a folder, which makes a restarted browser the same one
   * @param screen of its windows. Without one the browser is headless and outlives its last window.
   */
  constructor(profile: string, screen: VirtualScreen | null, { wrapper = [], args: more = [] }: Launch = {}) {
    const args = [
      ...CHROMIUM_ARGS,
      ...more,
      '--password-store=basic',
      '--use-mock-keychain',
      `--user-data-dir=${profile}`,
    ];
    const mode = screen ? ['about:blank'] : ['--headless=new'];
    const [command = '', ...rest] = [...wrapper, findChromium(), ...args, '--remote-debugging-pipe', ...mode];
    this.#process = spawn(command, rest, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(screen && { DISPLAY: screen.DISPLAY }) },
      // A process group of its own, so that a kill ends all its processes.
      detached: true,
    });
    this.#exited = once(this.#process, 'exit').then(() => this.#end());
    // A browser that ended closes its pipe. `#end` rejects the pending calls.
    this.#commands.on('error', () => undefined);
    void this.#listen();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Opens a tab in front of the others and returns its id. */
  async open(url: string): Promise<string> {
    const { targetId } = (await this.#call('Target.createTarget', { url })) as { targetId: string };
    return targetId;
  }

  /** Closes a tab as a user does, with `pagehide`. */
  async close(targetId: string): Promise<void> {
    await this.#call('Target.closeTarget', { targetId });
  }

  async tabs(): Promise<readonly Target[]> {
    const filter = [{ type: 'page' }];
    return ((await this.#call('Target.getTargets', { filter })) as { targetInfos: Target[] }).targetInfos;
  }

  /** Kills all its processes at once, like a power cut. */
  async kill(): Promise<void> {
    if (!this.#isOver && this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    await this.#exited;
  }

  get #commands(): Writable {
    return this.#process.stdio[3] as Writable;
  }

  #call(method: string, params: object): Promise<unknown> {
    const id = ++this.#nextId;
    return new Promise((resolve, reject) => {
      if (this.#isOver) return reject(new Error('The browser is gone.'));
      this.#waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)));
      this.#commands.write(`${JSON.stringify({ id, method, params })}\0`);
    });
  }

  async #listen(): Promise<void> {
    let text = '';
    for await (const data of (this.#process.stdio[4] as Readable).setEncoding('utf8')) {
      const messages = `${text}${data}`.split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#hear(JSON.parse(message));
    }
  }

  #hear(reply: Reply): void {
    if (reply.id === undefined) return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #end(): void {
    this.#isOver = true;
    for (const answer of this.#waiting.values()) answer({ error: { message: 'The browser is gone.' } });
    this.#waiting.clear();
  }
}
