// Runs the reference server and the sink for the peers in one process. Both add the same wait.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { overrideMethods } from '../../fixtures/override-methods.ts';
import { startServer, type TestServer, until } from '../../fixtures/test-server.ts';
import { atLeast } from './at-least.ts';
import { startSink } from './sink.ts';

/** The argument of this process, as JSON. */
export interface ServersOptions {
  /**
   * The time from the last byte of a request that carries or opens something to its response,
   * unless the work takes longer.
   */
  readonly waitMs: number;
  readonly level: 'extended' | 'basic';
}

/** The first message of this process. */
export interface ServersReady {
  readonly apiPort: number;
  readonly sinkPort: number;
  readonly signInLink: string;
  readonly token: string;
}

/**
 * Questions: the first byte and acknowledgement since the last `mark`, which also closes idle
 * connections, or the SHA-256 of all whole files.
 */
export type Question = 'mark' | 'digests';

/** Since the previous `mark`, in ms since 1970. */
export interface Marked {
  /** When the first upload request arrived. */
  readonly firstByteAt: number | null;
  /** When the first request that carried bytes of a file was answered with success. */
  readonly firstAckAt: number | null;
  /** The longest time without such a response, from the first request to the last response. */
  readonly longestGapMs: number | null;
}

/** A request with a shorter body carries at most facts about a file. */
const SMALLEST_ACKNOWLEDGED = 16 * 1024;

const USER = 'bench';
const DAY_SECONDS = 24 * 60 * 60;

const { waitMs, level }: ServersOptions = JSON.parse(process.argv[2] ?? '');
// A whole file fits one request.
const server = await startServer({ level, maxBodyBytes: 2 ** 40 }, 0, (uploads) => delayResponses(uploads, waitMs));
const sink = await startSink(waitMs);

let firstByteAt: number | null = null;
let firstAckAt: number | null = null;
let lastAckAt: number | null = null;
let longestGapMs: number | null = null;
const watch = (request: IncomingMessage, response: ServerResponse) => {
  if (request.method === 'GET' || request.url?.startsWith('/api/auth/')) return;
  firstByteAt ??= Date.now();
  if (request.method === 'HEAD' || Number(request.headers['content-length']) < SMALLEST_ACKNOWLEDGED) return;
  response.once('finish', () => {
    if (response.statusCode < 300) noteAck(Date.now());
  });
};
server.app.server.prependListener('request', watch);
sink.server.prependListener('request', watch);

process.on('message', async (question: Question) => {
  process.send?.(question === 'mark' ? mark() : [...(await batchDigests()), ...(await sink.digests())]);
});
process.once('disconnect', () => process.exit());
process.send?.({
  apiPort: Number(new URL(server.url()).port),
  sinkPort: sink.port,
  signInLink: server.signInLink(USER),
  token: await server.issueToken(USER, DAY_SECONDS),
} satisfies ServersReady);

function noteAck(now: number): void {
  longestGapMs = Math.max(longestGapMs ?? 0, now - (lastAckAt ?? firstByteAt ?? now));
  lastAckAt = now;
  firstAckAt ??= now;
}

function mark(): Marked {
  const marked = { firstByteAt, firstAckAt, longestGapMs };
  [firstByteAt, firstAckAt, lastAckAt, longestGapMs] = [null, null, null, null];
  for (const { server: http } of [server.app, sink]) http.closeIdleConnections();
  return marked;
}

/** The digests that the reference server computed when it joined the chunks. */
async function batchDigests(): Promise<string[]> {
  const digests = () => server.batches.list(USER).flatMap(({ files }) => files.map(({ sha256 }) => sha256));
  await until(() => !digests().includes(null), 'the joining of chunks');
  return digests().filter((digest) => digest !== null);
}

/** The wait starts when the whole body has arrived, and includes the time to store it. */
function delayResponses(uploads: TestServer['uploads'], ms: number): TestServer['uploads'] {
  return overrideMethods(uploads, {
    receiveChunk: (...args) => atLeast(ms, uploads.receiveChunk(...args)),
    receiveFiles: (...args) => atLeast(ms, uploads.receiveFiles(...args)),
  });
}
