import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Question, Reply, StartOptions } from './server-messages.ts';

/** How long a killed server is down. */
const DOWN_MS = 400;

/** The real server in its own process, which is restarted whenever it ends. */
export class ServerProcess {
  readonly #options: StartOptions;
  readonly #prefix: readonly string[];
  readonly #questions = new Map<number, (answer: string) => void>();
  #child: ChildProcess | null = null;
  #up: Promise<string> = Promise.resolve('');
  #url = '';
  #lastId = 0;
  #isClosing = false;
  /** How often it ended without being killed. Must stay 0. */
  crashes = 0;

  private constructor(options: StartOptions, prefix: readonly string[]) {
    this.#options = options;
    this.#prefix = prefix;
  }

  /** @param prefix a command that runs it, such as `ip netns exec NAME` */
  static async start(options: StartOptions, prefix: readonly string[] = []): Promise<ServerProcess> {
    const server = new ServerProcess(options, prefix);
    server.#up = server.#spawn(options.port);
    await server.up();
    return server;
  }

  /** `http://localhost:port`, the same after each start. */
  url(): string {
    return this.#url;
  }

  get dataDir(): string {
    return this.#options.dataDir;
  }

  /** Resolves when it listens. */
  async up(): Promise<void> {
    for (let up = null; up !== this.#up; ) {
      up = this.#up;
      this.#url = await up;
    }
  }

  signInLink(userId: string): Promise<string> {
    return this.#ask('link', userId);
  }

  issueToken(userId: string): Promise<string> {
    return this.#ask('token', userId);
  }

  /** Deletes a session, as if it had expired. */
  async lose(sessionId: string): Promise<void> {
    await this.#ask('lose', sessionId);
  }

  /** Kills it. It restarts after a moment. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Kills it while it joins the chunks of this batch. Returns false if it never did. */
  async killInJoin(batchId: string): Promise<boolean> {
    const half = join(this.dataDir, 'batches', batchId, 'file-0.tmp');
    for (const giveUpAt = Date.now() + 2000; Date.now() < giveUpAt; await sleep(1)) {
      if (!existsSync(half)) continue;
      this.kill();
      return true;
    }
    return false;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  #spawn(port: number): Promise<string> {
    const main = join(import.meta.dirname, 'server-main.ts');
    const command = [...this.#prefix, process.execPath, '--import', 'tsx', main];
    const child = spawn(command[0] ?? '', [...command.slice(1), JSON.stringify({ ...this.#options, port })], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', ({ id, answer }: Reply) => this.#questions.get(id)?.(answer));
    return new Promise((resolve) => {
      this.#questions.set(0, resolve);
      child.once('exit', (_code, signal) => {
        if (this.#isClosing) return;
        if (signal !== 'SIGKILL') this.crashes++;
        const again = Number(new URL(this.#url).port);
        this.#up = sleep(DOWN_MS).then(() => this.#spawn(again));
        // A caller that waits for a server that died at start waits for the next one.
        resolve(this.#up);
      });
    });
  }

  async #ask(ask: Question['ask'], about: string): Promise<string> {
    // A question that died with the server is repeated.
    for (;;) {
      await this.up();
      const id = ++this.#lastId;
      const answer = new Promise<string>((resolve) => this.#questions.set(id, resolve));
      const question: Question = { id, ask, about };
      this.#child?.send(question, () => undefined);
      const said = await Promise.race([answer, sleep(3000, null)]);
      this.#questions.delete(id);
      if (said !== null) return said;
    }
  }
}
