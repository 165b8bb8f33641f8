import { fork } from 'node:child_process';
import { join } from 'node:path';
import { type Link, type LinkMark, type LinkOptions, openLink } from '../link/link.ts';
import { ask, firstMessage, stop } from '../process.ts';
import type { Marked, Question, ServersOptions, ServersReady } from './main.ts';

/** Fresh servers behind a link, as a browser sees them. */
export interface Servers {
  /** Origins of reference server and sink, through the link. */
  readonly api: string;
  readonly sink: string;
  readonly signInLink: string;
  readonly token: string;
  /**
   * What servers and link noted since the last call. Also closes idle connections and starts the
   * cuts, resets and rate steps of the link again, at another rate if one is given.
   */
  mark(linkMark?: LinkMark): Promise<Notes>;
  /** SHA-256 of every whole file on both servers, in hex. */
  digests(): Promise<string[]>;
  close(): Promise<void>;
}

/** What servers and link noted since a mark. */
export interface Notes extends Marked {
  /** From clients to servers, with those that were lost. Null without a link. */
  readonly sentBytes: number | null;
}

/** Starts new servers and the link in front of them. Without a link they are on loopback. */
export async function startServers(options: ServersOptions, shape: LinkOptions | null): Promise<Servers> {
  const child = fork(join(import.meta.dirname, 'main.ts'), [JSON.stringify(options)]);
  const { apiPort, sinkPort, signInLink, token } = await firstMessage<ServersReady>(child);
  const link: Link | null = shape && (await openLink(shape, [apiPort, sinkPort]));
  const [api, sink] = (link?.ports ?? [apiPort, sinkPort]).map((port) => `http://localhost:${port}`);
  if (api === undefined || sink === undefined) throw new Error('The link has too few ends.');
  const askServers = <T>(question: Question) => ask<T>(child, question);
  return {
    api,
    sink,
    token,
    signInLink: signInLink.replace(`http://localhost:${apiPort}`, api),
    async mark(linkMark) {
      const marked = await askServers<Marked>('mark');
      return { ...marked, sentBytes: link && (await link.mark(linkMark)).sentBytes };
    },
    digests: () => askServers<string[]>('digests'),
    async close() {
      await link?.close();
      await stop(child);
    },
  };
}
