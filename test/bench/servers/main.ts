// A process of its own: the reference server, and beside it the sink that speaks what the peers need; both wait the same.
import type { IncomingMessage } from 'node:http';
import { overrideMethods } from '../../fixtures/override-methods.ts';
import { startServer, type TestServer, until } from '../../fixtures/test-server.ts';
import { atLeast } from './at-least.ts';
import { startSink } from './sink.ts';

/** How this process is started: as JSON, its one argument. */
export interface ServersOptions {
  /** From the last byte of a request that carries or opens something to its answer, unless the work takes longer. */
  readonly waitMs: number;
  readonly level: 'exact' | 'original';
}

/** What this process says when it is ready. */
export interface ServersReady {
  readonly apiPort: number;
  readonly sinkPort: number;
  readonly signInLink: string;
  readonly token: string;
}

/** What may be asked: the first byte since the last `mark` (idle connections are closed), or SHA-256 of all whole files. */
export type Question = 'mark' | 'digests';

/** The answer to `mark`: when the first upload request came since the one before, in ms since 1970. */
export interface Marked {
  readonly firstByteAt: number | null;
}

const USER = 'bench';
const DAY_SECONDS = 24 * 60 * 60;

const { waitMs, level }: ServersOptions = JSON.parse(process.argv[2] ?? '');
// One plain request carries a whole file.
const options = { level: level === 'original' ? 'basic' : 'extended', maxBodyBytes: 2 ** 40 } as const;
const server = await startServer(options, 0, (uploads) => delayAnswers(uploads, waitMs));
const sink = await startSink(waitMs);

let firstByteAt: number | null = null;
const watch = (request: IncomingMessage) => {
  if (request.method !== 'GET' && !request.url?.startsWith('/api/auth/')) firstByteAt ??= Date.now();
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

function mark(): Marked {
  const marked = { firstByteAt };
  firstByteAt = null;
  for (const { server: http } of [server.app, sink]) http.closeIdleConnections();
  return marked;
}

/** What the reference server counted itself, reading each file through once its chunks were joined. */
async function batchDigests(): Promise<string[]> {
  const digests = () => server.batches.list(USER).flatMap(({ files }) => files.map(({ sha256 }) => sha256));
  await until(() => !digests().includes(null), 'the joining of chunks');
  return digests().filter((digest) => digest !== null);
}

/** The wait counts from where the whole body is here; what the server needs for storing it is part of it. */
function delayAnswers(uploads: TestServer['uploads'], ms: number): TestServer['uploads'] {
  return overrideMethods(uploads, {
    receiveChunk: (...args) => atLeast(ms, uploads.receiveChunk(...args)),
    receiveFiles: (...args) => atLeast(ms, uploads.receiveFiles(...args)),
  });
}
