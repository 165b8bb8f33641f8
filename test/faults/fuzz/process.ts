import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceUsage, Started } from './child.ts';

const SETTLE_MS = 30_000;

/** The server under test, as seen by its parent. */
export class ServerUnderTest {
  readonly started: Started;
  readonly #child: ChildProcess;
  #log = '';

  private constructor(child: ChildProcess, started: Started) {
    this.#child = child;
    this.started = started;
    child.stderr?.setEncoding('utf8').on('data', (data) => {
      this.#log += data;
    });
  }

  /** @param cwd an empty folder, which reveals a relative path that escapes */
  static async start(dataDir: string, cwd: string): Promise<ServerUnderTest> {
    const execArgv = ['--import', import.meta.resolve('tsx'), '--expose-gc'];
    const child = fork(join(import.meta.dirname, 'child.ts'), [dataDir], { cwd, execArgv, stdio: 'pipe' });
    child.stdin?.end();
    const [started] = await once(child, 'message');
    return new ServerUnderTest(child, started);
  }

  get hasCrashed(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The end of its stderr. */
  get log(): string {
    return this.#log.slice(-2000);
  }

  /**
   * Measures resources once all connections are closed: repeats until no more files are open than
   * before, for a while.
   */
  async measureUsage(before?: ResourceUsage): Promise<ResourceUsage | null> {
    for (const giveUpAt = Date.now() + SETTLE_MS; ; await sleep(200)) {
      if (this.hasCrashed) return null;
      this.#child.send('held?');
      const [held]: ResourceUsage[] = await Promise.race([
        once(this.#child, 'message'),
        once(this.#child, 'exit').then(() => []),
      ]);
      if (!held) return null;
      const isQuiet = (held.openFiles ?? 0) <= (before?.openFiles ?? Number.POSITIVE_INFINITY);
      if (isQuiet || Date.now() > giveUpAt) return held;
    }
  }

  async stop(): Promise<void> {
    if (this.hasCrashed) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
