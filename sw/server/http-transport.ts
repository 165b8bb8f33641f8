import { UploadError } from '../../src/shared/errors.ts';
import {
  CHUNK_PATH,
  type ChunkRequest,
  createChunkForm,
  createDirectForm,
  type Supports,
} from '../../src/shared/requests.ts';
import type { BatchResponse, Upload } from '../../src/shared/upload.ts';
import type { CallOptions, RemoteState, Sent, Transport } from '../ports/transport.ts';
import {
  createResponseError,
  findResultByKey,
  parseFeatures,
  parseRemoteState,
  parseResult,
  parseSent,
  readJson,
} from './responses.ts';

/** The wire over `fetch`: multipart out, JSON back, `Authorization: Bearer` to this base URL and nowhere else. */
export class HttpTransport implements Transport {
  readonly #baseUrl: string;
  readonly #speak: () => Supports;
  #protocol = '';

  /** @param speak asked anew for each request, because every answer may change what the endpoint understands. */
  constructor(base: string, speak: () => Supports) {
    this.#baseUrl = base;
    this.#speak = speak;
  }

  /** HTTP/2 and later; another origin that does not say (`Timing-Allow-Origin`) counts as HTTP/1.1. */
  get isMultiplexed(): boolean {
    for (const { name, nextHopProtocol } of performance.getEntriesByType('resource') as PerformanceResourceTiming[]) {
      if (name.startsWith(this.#baseUrl)) this.#protocol = nextHopProtocol;
    }
    // The browser keeps no more than 250 of them.
    performance.clearResourceTimings();
    return this.#protocol === 'h2' || this.#protocol === 'h3';
  }

  async sendWhole(upload: Upload, files: readonly Blob[], call: CallOptions): Promise<Sent> {
    const body = createDirectForm(upload, files, this.#speak());
    return parseSent(await this.#fetch('POST', '/batches/upload', call, body));
  }

  async sendChunk(request: ChunkRequest, call: CallOptions): Promise<Sent> {
    const body = createChunkForm(request, this.#speak());
    return parseSent(await this.#fetch('POST', CHUNK_PATH, call, body));
  }

  async query(sessionId: string, call: CallOptions): Promise<RemoteState> {
    return parseRemoteState(await this.#fetch('GET', getSessionPath(sessionId), call));
  }

  async discover(call: CallOptions): Promise<readonly string[]> {
    return parseFeatures(await this.#fetch('GET', '/batches', call));
  }

  async findResult(key: string, call: CallOptions): Promise<BatchResponse | null> {
    return findResultByKey(key, await this.#fetch('GET', `/batches?idempotency_key=${encodeURIComponent(key)}`, call));
  }

  async abort(sessionId: string, call: CallOptions): Promise<BatchResponse | null> {
    try {
      await this.#fetch('DELETE', getSessionPath(sessionId), call);
      return null;
    } catch (error) {
      if (error instanceof UploadError && error.code === 'not_found') return null;
      const batch = error instanceof UploadError && error.code === 'conflict' ? parseResult(error.cause) : undefined;
      if (batch) return batch;
      throw error;
    }
  }

  async #fetch(method: string, path: string, call: CallOptions, body?: FormData): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`${this.#baseUrl}${path}`, {
        method,
        headers: { Authorization: `Bearer ${call.accessToken}` },
        signal: call.signal,
        cache: 'no-store',
        // A redirect would carry the token to a place nobody configured.
        redirect: 'error',
        ...(body && { body }),
      });
      if (response.status === 204) return {};
      const json = await readJson(response);
      if (response.ok) return json;
      throw createResponseError(response, json);
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason;
      if (error instanceof UploadError) throw error;
      throw new UploadError('network', 'The server could not be reached.', { cause: error });
    }
  }
}

function getSessionPath(sessionId: string): string {
  return `${CHUNK_PATH}/${encodeURIComponent(sessionId)}`;
}
