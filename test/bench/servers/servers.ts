import { fork } from 'node:child_process';
import { join } from 'node:path';
import { type Link, type LinkMark, type LinkOptions, openLink } from '../link/link.ts';
import { ask, firstMessage, stop } from '../process.ts';
import type { ProxyKind } from '../proxies/kinds.ts';
import { openProxy } from '../proxies/proxy.ts';
import type { Marked, Question, ServersOptions, ServersReady } from './main.ts';

/** Fresh servers behind a link, as a browser sees them. */
export interface Servers {
  /** Origins of reference server and sink, through the link. */
  readonly api: string;
  readonly sink: string;
  readonly signInLink: string;
  /** For the browser to accept the origins. */
  readonly chromiumArgs: readonly string[];
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

/**
 * Starts new servers, a proxy in front of them if one is given, and the link in front of all.
 * Without a link they are on loopback.
 */
export async function startServers(
  options: ServersOptions,
  shape: LinkOptions | null,
  proxyKind?: ProxyKind,
): Promise<Servers> {
  const child = fork(join(import.meta.dirname, 'main.ts'), [JSON.stringify(options)]);
  const { apiPort, sinkPort, signInLink, token } = await firstMessage<ServersReady>(child);
  const proxy = proxyKind && (await openProxy(proxyKind, [apiPort, sinkPort]));
  const targets = proxy?.ports ?? [apiPort, sinkPort];
  const link: Link | null = shape && (await openLink(shape, targets));
  const scheme = proxy ? 'https' : 'http';
  const [api, sink] = (link?.ports ?? targets).map((port) => `${scheme}://localhost:${port}`);
  if (api === undefined || sink === undefined) throw new Error('The link has too few ends.');
  const askServers = <T>(question: Question) => ask<T>(child, question);
  return {
    api,
    sink,
    token,
    chromiumArgs: proxy ? [proxy.chromiumArg] : [],
    signInLink: signInLink.replace(`http://localhost:${apiPort}`, api),
    async mark(linkMark) {
      const marked = await askServers<Marked>('mark');
      return { ...marked, sentBytes: link && (await link.mark(linkMark)).sentBytes };
    },
    digests: () => askServers<string[]>('digests'),
    async close() {
      await link?.close();
      await proxy?.close();
      await stop(child);
    },
  };
}
