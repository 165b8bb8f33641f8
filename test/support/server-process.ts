import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/server/main.ts');

/** The server as `npm start` runs it, in a process of its own on a free port. */
export interface ServerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  url(): string;
  /** What it printed: its sign-in link. */
  readonly link: string;
  /** What it has logged so far. */
  log(): string;
  /** Sends a signal and waits for the end; the exit code, or null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** How it is run. */
export interface ProcessOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What runs it, with its arguments; nothing unless given. */
  readonly wrapper?: readonly string[];
}

/**
 * Starts it, and waits until it listens.
 *
 * @throws Error with what it logged when it ends before that.
 */
export async function startServerProcess({ env, wrapper = [] }: ProcessOptions): Promise<ServerProcess> {
  const [command = '', ...args] = [...wrapper, process.execPath, '--import', 'tsx', MAIN];
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, PORT: '0', ...env } });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (data) => {
    log += data;
  });
  const exit = once(child, 'exit');
  const link = await firstLine(child, () => log);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const [code] = await exit;
    return code as number | null;
  };
  return { child, url: () => new URL(link).origin, link, log: () => log, stop };
}

function firstLine(child: ChildProcessWithoutNullStreams, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (data) => {
      text += data;
      const link = /https?:\S+/.exec(text)?.[0];
      if (link && text.includes('\n')) resolve(link);
    });
    child.on('close', () => reject(new Error(log())));
  });
}
