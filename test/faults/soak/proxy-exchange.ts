import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Exchange } from './exchange-log.ts';
import { type FormHead, readFormHead } from './form-head.ts';

/** A complete response of the server. */
export interface ServerResponseData {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Thrown when the server died before it answered. */
export class ServerGoneError extends Error {}

/** The start of a request that was read already. */
export interface RequestStart {
  readonly head: FormHead | null;
  readonly bytes: Buffer;
  readonly rest: AsyncIterator<Buffer>;
}

/** Reads a request up to the bytes of its first file, or to its end. */
export async function readRequestStart(incoming: IncomingMessage): Promise<RequestStart> {
  const rest: AsyncIterator<Buffer> = incoming[Symbol.asyncIterator]();
  let bytes = Buffer.alloc(0);
  for (;;) {
    const head = readFormHead(bytes);
    if (head) return { head, bytes, rest };
    const next = await rest.next();
    if (next.done) return { head: null, bytes, rest };
    bytes = Buffer.concat([bytes, next.value]);
  }
}

/** One upload request between browser and server, which can be forwarded, cut or answered. */
export class ProxyExchange {
  readonly exchange: Exchange;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #start: RequestStart;
  readonly #target: URL;

  constructor(
    exchange: Exchange,
    front: RequestStart,
    { incoming, outgoing, target }: { incoming: IncomingMessage; outgoing: ServerResponse; target: string },
  ) {
    this.exchange = exchange;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#start = front;
    this.#target = new URL(incoming.url ?? '/', target);
    exchange.sentBytes += front.bytes.length;
  }

  /** The offset of the first file in the body. */
  get fileOffset(): number {
    return this.#start.head?.fileOffset ?? 0;
  }

  /**
   * Forwards the request and waits for the response.
   *
   * @throws ServerGoneError
   */
  async forward(
    change: (bytes: Buffer, offset: number) => Buffer = (bytes) => bytes,
    headers = {},
  ): Promise<ServerResponseData> {
    const { upstream, answer } = this.#openUpstream(headers);
    let offset = 0;
    for (let bytes: Buffer | null = this.#start.bytes; bytes; bytes = await this.#next()) {
      // After an early refusal the rest is read and discarded.
      if (upstream.writable && !upstream.write(change(bytes, offset))) {
        const waited = new AbortController();
        await Promise.race([once(upstream, 'drain', { signal: waited.signal }), answer]).catch(() => undefined);
        waited.abort();
      }
      offset += bytes.length;
    }
    upstream.end();
    const said = await answer;
    if (said.status < 300) this.#recordCommit(said);
    return said;
  }

  /** Forwards the first `count` bytes of the body and leaves the server waiting. */
  async forwardFirstBytes(count: number): Promise<{ abandon(): void }> {
    const { upstream, answer } = this.#openUpstream({});
    answer.catch(() => undefined);
    let left = count;
    for (
      let bytes: Buffer | null = this.#start.bytes;
      bytes && left > 0;
      bytes = left > 0 ? await this.#next() : null
    ) {
      upstream.write(bytes.subarray(0, left));
      left -= bytes.length;
    }
    return { abandon: () => upstream.destroy() };
  }

  /** Reads the request to its end and forwards nothing. */
  async discardRequest(): Promise<void> {
    while (await this.#next());
  }

  /** Sends a response to the browser. */
  async respond({ status, headers, body }: ServerResponseData): Promise<void> {
    if (this.#outgoing.destroyed) return;
    const { connection: _, 'transfer-encoding': __, ...kept } = headers;
    this.#outgoing.writeHead(status, { ...kept, 'content-length': body.length });
    await new Promise<void>((resolve) => {
      this.#outgoing.once('close', resolve);
      this.#outgoing.end(body, () => {
        if (status < 300) this.exchange.deliveredAt = Date.now();
        resolve();
      });
    });
  }

  /** Answers in place of the server. */
  respondError(status: number, code: string, headers: Record<string, string> = {}): Promise<void> {
    const body = Buffer.from(JSON.stringify({ error: code, message: `A fault answered ${status}.` }));
    return this.respond({ status, headers: { 'content-type': 'application/json', ...headers }, body });
  }

  /** Answers as a proxy or a captive portal does that knows nothing of the API. */
  respondPage(status: number, headers: Record<string, string> = {}): Promise<void> {
    const body = Buffer.from(`<!doctype html><title>${status}</title>`);
    return this.respond({ status, headers: { 'content-type': 'text/html', ...headers }, body });
  }

  /** Cuts the connection of the browser, after the head of a response if `began` is set. */
  resetConnection({ began }: { began: boolean }): void {
    if (!began || this.#outgoing.headersSent) {
      this.#incoming.socket.resetAndDestroy();
      return;
    }
    this.#outgoing.writeHead(200, { 'content-length': 100 });
    this.#outgoing.write('{', () => this.#incoming.socket.destroy());
  }

  /** Resolves when the browser closes the request. */
  async waitForClose(): Promise<void> {
    if (!this.#outgoing.destroyed) await once(this.#outgoing, 'close');
  }

  async #next(): Promise<Buffer | null> {
    const next = await this.#start.rest.next();
    if (next.done) return null;
    this.exchange.sentBytes += next.value.length;
    return next.value;
  }

  #openUpstream(headers: Record<string, string>) {
    const options = { method: 'POST', agent: false, headers: { ...this.#incoming.headers, ...headers } };
    const upstream = request(this.#target, options);
    const answer = new Promise<ServerResponseData>((resolve, reject) => {
      const gone = () => reject(new ServerGoneError());
      upstream.once('error', gone);
      upstream.once('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (data: Buffer) => parts.push(data));
        response.once('close', gone);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(parts) }),
        );
      });
    });
    answer.catch(() => undefined);
    return { upstream, answer };
  }

  #recordCommit({ body }: ServerResponseData): void {
    const { upload_id = null, batch_id = null } = JSON.parse(body.toString());
    this.exchange.committed = { at: Date.now(), sessionId: upload_id, batchId: batch_id };
  }
}
