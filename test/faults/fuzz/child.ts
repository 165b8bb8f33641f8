// Runs the server under test in its own process, so that crashes and memory are its own. Reports
// its port first, and its resource usage on each message.
import { readdirSync } from 'node:fs';
import { createServer } from '../../../src/server/server.ts';
import { openFolderStorage } from '../../../src/server/store/folder/folder-storage.ts';
import { inspectUploads } from '../../fixtures/inspect-uploads.ts';

/** The first message. */
export interface Started {
  readonly port: number;
  readonly tokens: Readonly<Record<string, string>>;
}

/** Resources that the process uses while it is idle. */
export interface ResourceUsage {
  /** After a full garbage collection: heap and buffers, in bytes. */
  readonly memoryBytes: number;
  readonly rssBytes: number;
  /** Null where the system does not report it. */
  readonly openFiles: number | null;
  /** Sessions and batches, which the server keeps in memory by design. */
  readonly kept: number;
  readonly sessions: number;
}

const USERS = ['ada', 'bob'];

const dataDir = process.argv[2] ?? '';
const options = {
  dataDir,
  maxBodyBytes: 256 * 1024,
  maxOpenSessions: 100,
  maxOpenBytes: 8 * 1024 * 1024,
  maxUploadBytes: 1024 * 1024,
  requestsPerMinute: 1e9,
  // Long enough for a busy disk, because the time the server needs to answer counts too.
  idleTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  formTimeoutMs: 20_000,
};
const storage = await openFolderStorage(dataDir);
const server = await createServer(options, { storage });
const uploads = inspectUploads(storage, server.uploads);
await server.listen(0, '127.0.0.1');
process.on('disconnect', () => process.exit(0));
process.on('message', async () => {
  await uploads.batches.joined();
  process.send?.(measureUsage());
});
const issued = await Promise.all(USERS.map(async (user) => [user, await server.issueToken(user, 24 * 60 * 60)]));
const started: Started = {
  port: Number(new URL(server.url()).port),
  tokens: { ...Object.fromEntries(issued), old: await server.issueToken('ada', -60) },
};
process.send?.(started);

function measureUsage(): ResourceUsage {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const sessions = uploads.sessions.ids.length;
  const batches = USERS.reduce((sum, user) => sum + uploads.batches.list(user).length, 0);
  return {
    memoryBytes: heapUsed + external,
    rssBytes: rss,
    openFiles: openFiles(),
    kept: sessions + batches,
    sessions,
  };
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
