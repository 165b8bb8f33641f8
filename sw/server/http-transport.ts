import type { Capabilities } from '../../src/shared/capabilities.ts';
import type { Chunk } from '../../src/shared/chunks.ts';
import { UploadError } from '../../src/shared/errors.ts';
import { createSupports, getCapabilities } from '../../src/shared/http/features.ts';
import { CHUNK_PATH, type ChunkRequest, createChunkForm, createWholeForm } from '../../src/shared/http/requests.ts';
import { createBadResponseError, createResponseError, readJson } from '../../src/shared/http/responses.ts';
import type { BatchResponse, RemoteSession, Upload } from '../../src/shared/upload.ts';
import type {
  BundledUpload,
  CallOptions,
  ProfileStore,
  RemoteState,
  Sent,
  SentBundle,
  Transport,
} from '../ports/transport.ts';
import { BUNDLE_PATH, createBundleForm, parseSentBundle } from './bundle.ts';
import {
  findResultByKey,
  parseDiscovery,
  parseReceiving,
  parseRemoteState,
  parseResult,
  parseSent,
  parseServerFacts,
  type ServerFacts,
} from './responses.ts';

/**
 * Most requests in flight. The basic level allows four chunks. HTTP/1.1 has six connections per
 * host, of which one is left to the page. nginx allows 128 streams of HTTP/2.
 */
export const MAX_IN_FLIGHT = { basic: 4, http1: 5, http2: 96 } as const;

/** Multipart forms out, JSON back, over `fetch`. The bearer token goes to this base URL only. */
export class HttpTransport implements Transport {
  readonly #baseUrl: string;
  readonly #profile: ProfileStore;

  constructor(baseUrl: string, profile: ProfileStore) {
    this.#baseUrl = baseUrl;
    this.#profile = profile;
  }

  get capabilities(): Capabilities {
    return getCapabilities(this.#profile.get());
  }

  get isDiscovered(): boolean {
    return this.#profile.get().features !== null;
  }

  get maxInFlight(): number {
    if (!this.capabilities.resendIsSafe) return MAX_IN_FLIGHT.basic;
    return this.#profile.get().isMultiplexed ? MAX_IN_FLIGHT.http2 : MAX_IN_FLIGHT.http1;
  }

  /** No discovery for a server that rejects extra fields: requests in flight to it carry no key. */
  get needsDiscovery(): boolean {
    const { rejectsExtraFields, listsNothing } = this.#profile.get();
    return !this.isDiscovered && !rejectsExtraFields && !listsNothing;
  }

  /** A server without the route, or without extensions, stays unknown until its first upload. */
  async discover(options: CallOptions): Promise<void> {
    if (!this.needsDiscovery) return;
    const facts = await this.#request('GET', '/batches', options).then(parseDiscovery, ignoreMissingRoute);
    if (facts) this.#profile.update(facts.features?.length ? facts : { listsNothing: true });
  }

  async sendWhole(upload: Upload, files: readonly File[], options: CallOptions): Promise<Sent> {
    const body = createWholeForm(upload, files, this.#profile.get());
    return this.#send('/batches/upload', body, options);
  }

  async sendChunk(request: ChunkRequest, options: CallOptions): Promise<Sent> {
    const body = createChunkForm(request, this.#profile.get());
    return this.#send(CHUNK_PATH, body, options);
  }

  async sendBundle(uploads: readonly BundledUpload[], options: CallOptions): Promise<SentBundle> {
    const json = await this.#request('POST', BUNDLE_PATH, options, createBundleForm(uploads));
    const sent = parseSentBundle(json);
    this.#profile.update(parseServerFacts(json));
    return sent;
  }

  /**
   * On another origin `no-cors`, because an error without CORS headers proves the link too; there a
   * redirect stays unnoticed. Sends no token.
   */
  async probe(signal: AbortSignal): Promise<void> {
    const isSameOrigin = new URL(this.#baseUrl, location.href).origin === location.origin;
    const mode: RequestInit = isSameOrigin ? { redirect: 'manual' } : { mode: 'no-cors' };
    const response = await fetch(`${this.#baseUrl}${CHUNK_PATH}`, {
      method: 'HEAD',
      cache: 'no-store',
      signal,
      ...mode,
    });
    if (response.type === 'opaqueredirect') throw createResponseError(response, undefined);
  }

  async query(
    session: RemoteSession,
    chunks: readonly Chunk[],
    cut: readonly number[],
    options: CallOptions,
  ): Promise<RemoteState> {
    const search = cut.length > 0 && this.capabilities.keepsPartial ? `?cut=${cut.join(',')}` : '';
    return parseRemoteState(await this.#request('GET', getSessionPath(session) + search, options), chunks);
  }

  async readReceiving({ id, session, generation }: Upload, indices: readonly number[], options: CallOptions) {
    const path = session ? getSessionPath(session) : getBatchesPath(id);
    return parseReceiving(await this.#request('GET', path, options), indices, generation);
  }

  async findBatch({ id }: Upload, options: CallOptions): Promise<BatchResponse | null> {
    if (!this.capabilities.resendIsSafe) return null;
    return findResultByKey(id, await this.#request('GET', getBatchesPath(id), options));
  }

  async abort(upload: Upload, options: CallOptions): Promise<BatchResponse | null> {
    const { session } = upload;
    return session && this.capabilities.canQuery
      ? this.#abortSession(session, options)
      : this.findBatch(upload, options);
  }

  async #abortSession(session: RemoteSession, options: CallOptions): Promise<BatchResponse | null> {
    try {
      const json = await this.#request('DELETE', getSessionPath(session), options);
      if (json === undefined) throw createBadResponseError();
      return null;
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      if (error.code === 'not_found') return null;
      const batch = error.code === 'conflict' ? parseResult(error.cause) : undefined;
      if (batch) return batch;
      throw error;
    }
  }

  async #send(path: string, form: FormData, options: CallOptions): Promise<Sent> {
    try {
      const json = await this.#request('POST', path, options, form);
      const sent = parseSent(json);
      this.#profile.update(parseServerFacts(json));
      return sent;
    } catch (error) {
      throw this.#wasExtraFieldRejected(error, form) ? createFormRejectedError(error) : error;
    }
  }

  /** Whether an unknown server has just rejected the key, so that the next form leaves it out. */
  #wasExtraFieldRejected(error: unknown, form: FormData): boolean {
    if (!(error instanceof UploadError) || !form.has('idempotency_key')) return false;
    if (error.status !== 400 && error.status !== 422) return false;
    // Frameworks reject a form with JSON of their own. The page of a proxy says nothing about it.
    if (error.code !== 'refused' && !isObject(error.cause)) return false;
    if (!this.isDiscovered) this.#profile.update({ rejectsExtraFields: true });
    return !createSupports(this.#profile.get())('idempotency_key');
  }

  async #request(method: string, path: string, options: CallOptions, body?: FormData): Promise<unknown> {
    try {
      const response = await fetch(`${this.#baseUrl}${path}`, {
        method,
        headers: { Authorization: `Bearer ${options.accessToken}` },
        signal: options.signal,
        cache: 'no-store',
        // To follow a redirect would send the token to a host that is not configured.
        redirect: 'manual',
        ...(body && { body }),
      });
      const json = response.status === 204 ? {} : await readJson(response);
      this.#detectProtocol();
      if (response.ok) return json;
      throw createResponseError(response, json);
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      if (error instanceof UploadError) throw error;
      throw new UploadError('network', 'The server could not be reached.', { cause: error });
    }
  }

  /**
   * Reads the protocol of the last response, then clears the timings: browsers keep at most 250 of
   * them. Another origin without `Timing-Allow-Origin` hides its protocol and counts as HTTP/1.1.
   */
  #detectProtocol(): void {
    const timings = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const protocol = timings.findLast(({ name }) => name.startsWith(this.#baseUrl))?.nextHopProtocol;
    performance.clearResourceTimings();
    if (protocol) this.#profile.update({ isMultiplexed: protocol === 'h2' || protocol === 'h3' });
  }
}

/** The batches of an idempotency key. */
function getBatchesPath(key: string): string {
  return `/batches?idempotency_key=${encodeURIComponent(key)}`;
}

function getSessionPath({ id }: RemoteSession): string {
  return `${CHUNK_PATH}/${encodeURIComponent(id)}`;
}

/**
 * @returns null if a proxy, or a framework with JSON of its own, answers that there is no route.
 *   That is nothing to remember.
 */
function ignoreMissingRoute(error: unknown): ServerFacts | null {
  if (!(error instanceof UploadError)) throw error;
  if (error.code === 'not_found' || error.code === 'refused') return { features: [], maxUploadBytes: null };
  if (error.code === 'gateway_error' && (error.status === 404 || error.status === 405)) return null;
  throw error;
}

function createFormRejectedError(cause: unknown): UploadError {
  return new UploadError('form_rejected', 'The server rejected a form with an unknown field.', { cause });
}

function isObject(json: unknown): boolean {
  return typeof json === 'object' && json !== null;
}
