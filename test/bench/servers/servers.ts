import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Link, type LinkOptions, openLink } from '../link/link.ts';
import { firstMessage, stop } from '../process.ts';
import type { Marked, Question, ServersOptions, ServersReady } from './main.ts';

/** Fresh servers behind a link, as a browser sees them. */
export interface Servers {
  /** Origins of reference server and sink, through the link. */
  readonly api: string;
  readonly sink: string;
  readonly signInLink: string;
  readonly token: string;
  /**
   * When the first upload request since the last call arrived, in ms since 1970. Also closes idle
   * connections.
   */
  mark(): Promise<number | null>;
  /** SHA-256 of every whole file on both servers, in hex. */
  digests(): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts new servers and the link in front of them. Without a link they are on loopback. */
export async function startServers(options: ServersOptions, shape: LinkOptions | null): Promise<Servers> {
  const child = fork(join(import.meta.dirname, 'main.ts'), [JSON.stringify(options)]);
  const { apiPort, sinkPort, signInLink, token } = await firstMessage<ServersReady>(child);
  const link: Link | null = shape && (await openLink(shape, [apiPort, sinkPort]));
  const [api, sink] = (link?.ports ?? [apiPort, sinkPort]).map((port) => `http://localhost:${port}`);
  if (api === undefined || sink === undefined) throw new Error('The link has too few ends.');
  const ask = async <T>(question: Question): Promise<T> => {
    const said = once(child, 'message');
    child.send(question);
    const [answer] = await said;
    return answer;
  };
  return {
    api,
    sink,
    token,
    signInLink: signInLink.replace(`http://localhost:${apiPort}`, api),
    mark: async () => (await ask<Marked>('mark')).firstByteAt,
    digests: () => ask<string[]>('digests'),
    async close() {
      await link?.close();
      await stop(child);
    },
  };
}
