import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { sha256 } from '../fixtures/files.ts';
import { downloadedSha256, startServer, type TestServer } from '../fixtures/test-server.ts';
import type { Arrival } from './flow.ts';

const SCRIPT = '/lifetimes.js';
/** Bodies pass in small slices, so that requests share the link like packets. */
const SLICE_BYTES = 16 * 1024;
/** Late timers on a busy machine are compensated up to this, in ms. */
const MAX_LATENESS_MS = 1000;

/** The app and its server behind a slow link that records the arrivals. */
export class Site {
  readonly arrivals: Arrival[] = [];
  readonly #server: TestServer;
  readonly #front: Server;
  #bytesPerSecond: number;
  readonly #host: string;
  #freeAt = 0;

  private constructor(server: TestServer, bytesPerSecond: number, host: string) {
    this.#server = server;
    this.#host = host;
    this.#bytesPerSecond = bytesPerSecond;
    // A request over a slow link may take any time.
    this.#front = createServer({ requestTimeout: 0 }, (request, response) => void this.#pass(request, response));
  }

  static async open(bytesPerSecond: number, host = 'localhost'): Promise<Site> {
    const site = new Site(await startServer({ idleTimeoutMs: 60 * 60_000 }), bytesPerSecond, host);
    site.#front.listen(0, host);
    await once(site.#front, 'listening');
    return site;
  }

  get server(): TestServer {
    return this.#server;
  }

  /** Sets the rate of the link. */
  setLinkRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** The URL of the app, with a sign-in code if a user is given. */
  url(search = '', userId?: string): string {
    const base = `http://${this.#host}:${(this.#front.address() as AddressInfo).port}/`;
    const { hash } = new URL(userId === undefined ? base : this.#server.signInLink(userId));
    return `${base}${search}${hash}`;
  }

  /** Whether a user has one batch with the file that the page creates for this size. */
  async isIntact(userId: string, sizeMiB: number): Promise<boolean> {
    const [batch, ...others] = this.#server.batches.list(userId);
    if (!batch || others.length > 0) return false;
    const token = await this.#server.issueToken(userId);
    const arrived = await downloadedSha256(`${this.#server.url()}/api`, token, batch.batchId);
    return arrived === (await sha256(generateBlocks(sizeMiB)));
  }

  async close(): Promise<void> {
    this.#front.close();
    this.#front.closeAllConnections();
    await this.#server.close();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === SCRIPT) {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(await readFile(join(import.meta.dirname, 'page.js')));
      return;
    }
    const isUpload = request.method === 'POST' && (request.url?.startsWith('/api/batches/') ?? false);
    const slices: { at: number; bytes: number }[] = [];
    const arrival = { startedAt: Date.now(), slices, outcome: null as Arrival['outcome'] };
    if (isUpload) this.arrivals.push(arrival);
    try {
      const answer = await this.#forward(request, isUpload ? slices : null);
      await this.#answer(answer, response);
      arrival.outcome = 'answered';
    } catch {
      // The browser closed the request or was killed.
      arrival.outcome = 'cut';
      response.destroy();
    }
  }

  async #forward(request: IncomingMessage, slices: { at: number; bytes: number }[] | null): Promise<IncomingMessage> {
    const { method, headers, url } = request;
    const onward = send(new URL(url ?? '/', this.#server.url()), { method, headers, agent: false });
    const answered = once(onward, 'response') as Promise<[IncomingMessage]>;
    const body = slices ? (data: AsyncIterable<Buffer>) => this.#shape(data, slices) : null;
    const sent = body ? pipeline(request, body, onward) : pipeline(request, onward);
    // A refusal may precede the end of the body.
    const [answer] = await Promise.race([answered, sent.then(() => answered)]);
    sent.catch(() => undefined);
    return answer;
  }

  async *#shape(body: AsyncIterable<Buffer>, slices: { at: number; bytes: number }[]): AsyncGenerator<Buffer> {
    for await (const data of body) {
      for (let from = 0; from < data.length; from += SLICE_BYTES) {
        const slice = data.subarray(from, from + SLICE_BYTES);
        const now = Date.now();
        const freeAt = Math.max(now - MAX_LATENESS_MS, this.#freeAt) + (slice.length / this.#bytesPerSecond) * 1000;
        this.#freeAt = freeAt;
        if (freeAt > now) await sleep(freeAt - now);
        slices.push({ at: Date.now(), bytes: slice.length });
        yield slice;
      }
    }
  }

  async #answer(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const isPage = answer.headers['content-type']?.startsWith('text/html') ?? false;
    const { 'content-length': length, ...headers } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, isPage ? headers : answer.headers);
    await pipeline(answer, (data: AsyncIterable<Buffer>) => (isPage ? injectScript(data) : data), response);
  }
}

async function* injectScript(html: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const parts: Buffer[] = [];
  for await (const data of html) parts.push(data);
  yield Buffer.concat(parts).toString().replace('</head>', `<script type="module" src="${SCRIPT}"></script></head>`);
}

/** Equal to those of `page.js`. */
async function* generateBlocks(sizeMiB: number): AsyncGenerator<Buffer> {
  for (let n = 0; n < sizeMiB; n++) {
    const block = Buffer.alloc(1024 * 1024);
    block.writeUInt32BE(n);
    yield block;
    // Leaves time to other links of this process.
    await turn();
  }
}
