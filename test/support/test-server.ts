import { join } from 'node:path';
import { createApp } from '../../src/server/http/app.ts';
import { createServer, type UploadServer } from '../../src/server/server.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { createServices, type Services } from '../../src/server/services.ts';
import { openFolderStorage } from '../../src/server/store/folder/folder-storage.ts';
import { sha256, tempFolder } from './files.ts';
import { type InspectedUploads, inspectUploads } from './inspect-uploads.ts';
import { overrideMethods } from './override-methods.ts';
import { addFaults, type Faults } from './server-faults.ts';

/** The built app. */
export const STATIC_DIR = join(import.meta.dirname, '../../dist');

/** A real server on a fresh folder, with a record of the chunks it acknowledged. */
export interface TestServer extends UploadServer, InspectedUploads {
  readonly faults: Faults;
  /** Methods of the upload service that a test replaces. */
  readonly overrides: Partial<Uploads>;
  /** The indices of a user's chunks in the order they were acknowledged, each as often as it was. */
  chunksOf(ownerId: string): readonly number[];
  /** From now on chunks may come but are neither stored nor answered; ends when none is being stored any more. */
  hold(): Promise<void>;
  /** Ends `hold`. */
  release(): void;
}

/**
 * Starts the reference server with the built app.
 *
 * @param port 0 is a free one.
 * @param decorate wraps the upload service, for example to slow it down.
 */
export async function startServer(
  options: Partial<ServerOptions> = {},
  port = 0,
  decorate: (uploads: Uploads) => Uploads = (uploads) => uploads,
): Promise<TestServer> {
  const data = await tempFolder();
  const all = { dataDir: data.dir, staticDir: STATIC_DIR, requestsPerMinute: 1e6, ...options };
  const storage = await openFolderStorage(all.dataDir);
  const services = await createServices(all, { storage });
  const { uploads, ...observed } = observe(decorate(services.uploads));
  const app = await createApp(all);
  const faults = addFaults(app);
  const server = await createServer(all, { ...services, uploads, app });
  await server.listen(port, '127.0.0.1');
  const close = async () => {
    await server.close();
    await data.remove();
  };
  return { ...server, ...inspectUploads(storage, uploads), ...observed, faults, close };
}

type Uploads = Services['uploads'];

function observe(observed: Uploads): Pick<TestServer, 'chunksOf' | 'hold' | 'release' | 'uploads' | 'overrides'> {
  const stored = new Map<string, number[]>();
  const storing = new Set<Promise<unknown>>();
  let open = Promise.resolve();
  let release = () => {};
  const chunksOf = (ownerId: string) => stored.get(ownerId) ?? [];
  const receiveChunk: Uploads['receiveChunk'] = async (ownerId, fields, chunk) => {
    await open;
    const work = observed.receiveChunk(ownerId, fields, chunk).then((receipt) => {
      stored.set(ownerId, [...chunksOf(ownerId), fields.index]);
      return receipt;
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
  const overrides: Partial<Uploads> = { receiveChunk };
  return { chunksOf, hold, release: () => release(), uploads: overrideMethods(observed, overrides), overrides };
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
