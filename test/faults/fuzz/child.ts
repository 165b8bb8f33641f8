// The server under test, in a process of its own so that a crash is one and its memory is its own: told its folder, it says
// where it listens, and after that what it holds whenever it is asked.
import { readdirSync } from 'node:fs';
import { createServer } from '../../../src/server/server.ts';
import { openFolderStorage } from '../../../src/server/store/folder/folder-storage.ts';
import { inspectUploads } from '../../fixtures/inspect-uploads.ts';

/** What the child says first. */
export interface Started {
  readonly port: number;
  readonly tokens: Readonly<Record<string, string>>;
}

/** What the process holds at a moment when nothing is under way. */
export interface ResourceUsage {
  /** After a full collection: heap and buffers, in bytes. */
  readonly memoryBytes: number;
  readonly rssBytes: number;
  /** Null where the system does not say. */
  readonly openFiles: number | null;
  /** Sessions and batches, which a server keeps in memory by design. */
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
  // Long enough for a disk that is busy with other things, as the time in which the server itself says nothing counts too.
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
