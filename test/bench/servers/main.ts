// Runs the reference server and the sink for the peers in one process. Both add the same wait.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FileLists } from '../../../src/server/uploads/file-lists.ts';
import { startServer, until } from '../../fixtures/test-server.ts';
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
const server = await startServer({ level, maxBodyBytes: 2 ** 40 });
const fileLists = new FileLists(server.storage);
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
server.app.server.prependListener('request', delayResponse);
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
  let digests: (string | null)[] = [];
  await until(async () => {
    digests = [];
    for (const batch of server.batches.list(USER))
      for await (const { sha256 } of fileLists.readAll(batch)) digests.push(sha256);
    return !digests.includes(null);
  }, 'the joining of chunks');
  return digests.filter((digest) => digest !== null);
}

/** Makes each response to a form wait, however many uploads the form carries. */
function delayResponse(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'POST' || !request.url?.startsWith('/api/batches/')) return;
  let receivedAt = Number.NEGATIVE_INFINITY;
  request.once('end', () => {
    receivedAt = Date.now();
  });
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  const delayedEnd = (...args: unknown[]) => {
    setTimeout(end, Math.max(0, receivedAt + waitMs - Date.now()), ...args);
    return response;
  };
  Object.assign(response, { end: delayedEnd });
}
