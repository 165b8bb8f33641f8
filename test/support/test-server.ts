import { join } from 'node:path';
import { createServer, type ServerOptions, type UploadServer } from '../../src/server/server.ts';
import { sha256, tempFolder } from './files.ts';

/** The built app. */
export const STATIC_DIR = join(import.meta.dirname, '../../dist');

/** A real server on a fresh folder, with a record of the chunks it acknowledged. */
export interface TestServer extends UploadServer {
  /** The indices of a user's chunks in the order they were acknowledged, each as often as it was. */
  acknowledgedChunks(ownerId: string): readonly number[];
  /** From now on chunks may come but are neither stored nor answered; ends when none is being stored any more. */
  holdChunks(): Promise<void>;
  /** Ends `hold`. */
  releaseChunks(): void;
}

/** Starts the reference server with the built app; `port` 0 is a free one. */
export async function startServer(options: Partial<ServerOptions> = {}, port = 0): Promise<TestServer> {
  const data = await tempFolder();
  const server = await createServer({ dataDir: data.dir, staticDir: STATIC_DIR, requestsPerMinute: 1e6, ...options });
  const observed = observeChunks(server);
  await server.listen(port, '127.0.0.1');
  const close = async () => {
    await server.close();
    await data.remove();
  };
  return { ...server, ...observed, close };
}

function observeChunks(server: UploadServer): Pick<TestServer, 'acknowledgedChunks' | 'holdChunks' | 'releaseChunks'> {
  const stored = new Map<string, number[]>();
  const storing = new Set<Promise<unknown>>();
  let open = Promise.resolve();
  let release = () => {};
  const chunksOf = (ownerId: string) => stored.get(ownerId) ?? [];
  const receive = server.sessions.receive.bind(server.sessions);
  server.sessions.receive = async (ownerId, fields, chunk) => {
    await open;
    const work = receive(ownerId, fields, chunk).then((answer) => {
      stored.set(ownerId, [...chunksOf(ownerId), fields.chunk_index]);
      return answer;
    });
    storing.add(work);
    return work.finally(() => storing.delete(work));
  };
  const hold = async () => {
    open = new Promise((resolve) => {
      release = resolve;
    });
    await Promise.allSettled(storing);
  };
  return { acknowledgedChunks: chunksOf, holdChunks: hold, releaseChunks: () => release() };
}

/**
 * SHA-256 of one file of a batch as anybody would download it.
 *
 * @returns null where the server does not give it out.
 */
export async function downloadedSha256(endpoint: string, token: string, batchId: string, n = 0) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${endpoint}/batches/${encodeURIComponent(batchId)}/files/${n}`, { headers });
  return response.ok && response.body ? sha256(response.body) : null;
}

/** Waits until something is true. */
export async function until(is: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const giveUpAt = Date.now() + ms;
  while (!(await is())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
