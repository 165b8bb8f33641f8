import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeLog } from './exchange-log.ts';
import { ProxyExchange, readRequestStart, ServerGoneError } from './proxy-exchange.ts';

/** The shortest duration of an upload request, so that faults can hit its middle. */
const MIN_REQUEST_MS = 15;

/** Handles one upload request. */
export type RequestHandler = (proxied: ProxyExchange) => Promise<void>;

/** An HTTP proxy between browser and server that can make upload requests fail. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: string;
  readonly #log: ExchangeLog;
  /** Chooses how an upload request is handled. */
  chooseHandler: (proxied: ProxyExchange) => RequestHandler | null = () => null;
  /** The version of the app. A change changes the script of the worker. */
  appVersion = 0;

  private constructor(target: string, log: ExchangeLog) {
    this.#target = target;
    this.#log = log;
    this.#server = createServer({ requestTimeout: 0 }, (incoming, outgoing) => {
      // A browser may disappear at any time.
      outgoing.on('error', () => undefined);
      const isUpload = incoming.method === 'POST' && incoming.url?.includes('/batches/');
      const handled = isUpload ? this.#handleUpload(incoming, outgoing) : this.#passThrough(incoming, outgoing);
      handled.catch(() => incoming.socket.destroy());
    });
  }

  static async open(target: string, log: ExchangeLog): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, log);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handleUpload(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const front = await readRequestStart(incoming);
    if (!front.head) throw new Error('Not a form.');
    const exchange = this.#log.recordExchange(
      incoming.url ?? '',
      front.head,
      Number(incoming.headers['content-length']),
    );
    const proxied = new ProxyExchange(exchange, front, { incoming, outgoing, target: this.#target });
    const handle = this.chooseHandler(proxied) ?? forwardUnchanged;
    try {
      await handle(proxied);
    } catch (error) {
      if (!(error instanceof ServerGoneError)) throw error;
      // As a gateway answers: Chromium would send a request again whose connection is cut.
      await proxied.respondError(502, 'bad_gateway');
    } finally {
      exchange.endedAt = Date.now();
    }
  }

  /** Forwards everything but uploads. Changes only the script of the worker. */
  async #passThrough(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url = '/' } = incoming;
    const isScript = url === '/sw.js' && this.appVersion > 0;
    // A conditional request would let the server confirm the unchanged script.
    const { 'if-none-match': _, 'if-modified-since': __, ...asked } = incoming.headers;
    const headers = isScript ? asked : incoming.headers;
    const upstream = request(new URL(url, this.#target), { method, agent: false, headers });
    incoming.pipe(upstream);
    const answer = once(upstream, 'response').then(([response]) => response as IncomingMessage);
    const response = await answer.catch(() => null);
    if (!response) {
      outgoing.writeHead(502).end();
      return;
    }
    const { 'content-length': ___, etag: ____, 'last-modified': _____, ...kept } = response.headers;
    outgoing.writeHead(response.statusCode ?? 502, isScript ? kept : response.headers);
    for await (const data of response) outgoing.write(data);
    outgoing.end(isScript ? `\n// version ${this.appVersion}\n` : '');
  }
}

/** Forwards a request and its response, with the minimum duration. */
export async function forwardUnchanged(proxied: ProxyExchange): Promise<void> {
  const answer = await proxied.forward();
  await sleep(MIN_REQUEST_MS);
  await proxied.respond(answer);
}
