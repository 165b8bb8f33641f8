import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

const XVFB = '/usr/bin/Xvfb';

/** Whether a screen can be had that nobody sees. */
export function hasVirtualScreen(): boolean {
  return existsSync(XVFB);
}

/** A screen that nobody sees, for browsers that are to have windows. */
export interface VirtualScreen {
  /** For the environment of a browser. */
  readonly DISPLAY: string;
  close(): Promise<void>;
}

/** Starts a screen of its own; needs `hasScreen`. */
export async function openVirtualScreen(): Promise<VirtualScreen> {
  const server = spawn(XVFB, ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [display] = await once(server.stdio[3] as Readable, 'data');
  const close = async () => {
    const gone = once(server, 'exit');
    server.kill();
    await gone;
  };
  return { DISPLAY: `:${String(display).trim()}`, close };
}
