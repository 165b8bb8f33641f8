import { UploadError } from '../src/shared/errors.ts';
import {
  CHUNK_PATH,
  type ChunkRequest,
  createChunkForm,
  createDirectForm,
  type Supports,
} from '../src/shared/requests.ts';
import type { BatchResponse, Upload } from '../src/shared/upload.ts';
import { batchIn, batchWith, errorOf, featuresIn, readAnswer, readJson, readStatus } from './answers.ts';
import type { Answer, Call, SessionStatus, Transport } from './transport.ts';

/** The wire over `fetch`: multipart out, JSON back, `Authorization: Bearer` to this base URL and nowhere else. */
export class HttpTransport implements Transport {
  readonly #base: string;
  readonly #speak: () => Supports;
  #protocol = '';

  /** @param speak asked anew for each request, because every answer may change what the endpoint understands. */
  constructor(base: string, speak: () => Supports) {
    this.#base = base;
    this.#speak = speak;
  }

  /** HTTP/2 and later; another origin that does not say (`Timing-Allow-Origin`) counts as HTTP/1.1. */
  get multiplexed(): boolean {
    for (const { name, nextHopProtocol } of performance.getEntriesByType('resource') as PerformanceResourceTiming[]) {
      if (name.startsWith(this.#base)) this.#protocol = nextHopProtocol;
    }
    // The browser keeps no more than 250 of them.
    performance.clearResourceTimings();
    return this.#protocol === 'h2' || this.#protocol === 'h3';
  }

  async direct(upload: Upload, files: readonly Blob[], call: Call): Promise<Answer> {
    const body = createDirectForm(upload, files, this.#speak());
    return readAnswer(await this.#fetch('POST', '/batches/upload', call, body));
  }

  async chunk(request: ChunkRequest, call: Call): Promise<Answer> {
    const body = createChunkForm(request, this.#speak());
    return readAnswer(await this.#fetch('POST', CHUNK_PATH, call, body));
  }

  async status(sessionId: string, call: Call): Promise<SessionStatus> {
    return readStatus(await this.#fetch('GET', sessionPath(sessionId), call));
  }

  async features(call: Call): Promise<readonly string[]> {
    return featuresIn(await this.#fetch('GET', '/batches', call));
  }

  async batchOf(key: string, call: Call): Promise<BatchResponse | null> {
    return batchWith(key, await this.#fetch('GET', `/batches?idempotency_key=${encodeURIComponent(key)}`, call));
  }

  async discard(sessionId: string, call: Call): Promise<BatchResponse | null> {
    try {
      await this.#fetch('DELETE', sessionPath(sessionId), call);
      return null;
    } catch (error) {
      if (error instanceof UploadError && error.code === 'not_found') return null;
      const batch = error instanceof UploadError && error.code === 'conflict' ? batchIn(error.facts.cause) : undefined;
      if (batch) return batch;
      throw error;
    }
  }

  async #fetch(method: string, path: string, call: Call, body?: FormData): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, {
        method,
        headers: { Authorization: `Bearer ${call.token}` },
        signal: call.signal,
        cache: 'no-store',
        // A redirect would carry the token to a place nobody configured.
        redirect: 'error',
        ...(body && { body }),
      });
      if (response.status === 204) return {};
      const json = await readJson(response);
      if (response.ok) return json;
      throw errorOf(response, json);
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason;
      if (error instanceof UploadError) throw error;
      throw new UploadError('network', 'The server could not be reached.', { cause: error });
    }
  }
}

function sessionPath(sessionId: string): string {
  return `${CHUNK_PATH}/${encodeURIComponent(sessionId)}`;
}
