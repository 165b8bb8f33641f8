import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ask, firstMessage, stop } from '../process.ts';
import type { LinkMark, LinkMarked, LinkOptions, ShaperOptions } from './shaper.ts';

export type { LinkMark, LinkOptions } from './shaper.ts';

/** A running link. */
export interface Link {
  /** Ports of the near ends, in the order of the targets. */
  readonly ports: readonly number[];
  /**
   * Starts the cuts, resets and rate steps again. Returns the bytes from clients to servers since
   * the last call.
   */
  mark(mark?: LinkMark): Promise<LinkMarked>;
  close(): Promise<void>;
}

/** Starts a link in front of loopback ports, in its own process. */
export async function openLink(options: LinkOptions, targets: readonly number[]): Promise<Link> {
  const argument = JSON.stringify({ ...options, targets } satisfies ShaperOptions);
  // Vitest has no loader that a child process could inherit.
  const child = fork(join(import.meta.dirname, 'shaper.ts'), [argument], { execArgv: ['--import', 'tsx'] });
  const { ports } = await firstMessage<{ ports: number[] }>(child);
  return { ports, mark: (mark = {}) => ask(child, mark), close: () => stop(child) };
}
