import type { Capabilities } from '../../../src/shared/capabilities.ts';
import type { Chunk } from '../../../src/shared/chunks.ts';
import { type ErrorCode, type ErrorDetails, UploadError } from '../../../src/shared/errors.ts';
import { getCapabilities } from '../../../src/shared/http/features.ts';
import type { ChunkRequest } from '../../../src/shared/http/requests.ts';
import type { BatchResponse, RemoteSession, Upload } from '../../../src/shared/upload.ts';
import type {
  BundledUpload,
  ProfileStore,
  RemoteState,
  Sent,
  SentBundle,
  Transport,
} from '../../../sw/ports/transport.ts';

/** What happens to a request. */
export type Fault =
  /** The request fails before the server handles it. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly details: ErrorDetails }
  /** The server handles the request, but its response is lost. */
  | { readonly kind: 'lost'; readonly code: ErrorCode }
  /** The server forgets all sessions first. */
  | { readonly kind: 'forgets' }
  /** The response names no batch, whether or not there is one. */
  | { readonly kind: 'unnamed' }
  | { readonly kind: 'none' };

/** A server in memory. Its requests have these faults in order, and then none. */
export class FaultyServer implements Transport {
  readonly maxInFlight = 4;
  requests = 0;
  readonly #features: readonly string[];
  readonly #faults: Fault[];
  /** The sizes of the stored chunks by index, of each session. */
  readonly #sessions = new Map<string, Map<number, number>>();
  readonly #batches = new Set<string>();
  #profile: ProfileStore | null = null;

  constructor(features: readonly string[], faults: readonly Fault[]) {
    this.#features = features;
    this.#faults = [...faults];
  }

  connect(profile: ProfileStore): this {
    this.#profile = profile;
    return this;
  }

  get capabilities(): Capabilities {
    return getCapabilities(
      this.#profile?.get() ?? { features: null, rejectsExtraFields: false, rateBytesPerSecond: null },
    );
  }

  get isDiscovered(): boolean {
    return this.#profile?.get().features !== null;
  }

  get needsDiscovery(): boolean {
    return !this.isDiscovered;
  }

  async discover(): Promise<void> {
    if (!this.isDiscovered) this.#request(() => this.#learn());
  }

  async sendChunk({ upload, chunk, chunksTotal }: ChunkRequest): Promise<Sent> {
    return this.#send(() => {
      const id = upload.session?.id ?? getSessionId(upload);
      if (upload.session && !this.#sessions.has(id)) throw new UploadError('not_found', 'Gone.', { status: 404 });
      const sizes = this.#sessions.get(id) ?? new Map<number, number>();
      this.#sessions.set(id, sizes.set(chunk.index, chunk.end - chunk.start));
      const size = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
      const isComplete = this.capabilities.resendIsSafe ? size === upload.sizeBytes : chunk.index === chunksTotal - 1;
      if (isComplete) this.#batches.add(upload.id);
      return { session: { id }, ...(isComplete && { result: { batch_id: upload.id } }) };
    });
  }

  async sendWhole(upload: Upload): Promise<Sent> {
    return this.#send(() => ({ session: { id: getSessionId(upload) }, result: this.#store(upload) }));
  }

  async sendBundle(uploads: readonly BundledUpload[]): Promise<SentBundle> {
    return this.#request(() => ({ results: new Map(uploads.map(({ upload }) => [upload.id, this.#store(upload)])) }));
  }

  async probe(): Promise<void> {}

  async query(session: RemoteSession, chunks: readonly Chunk[]): Promise<RemoteState> {
    return this.#request(() => {
      const sizes = this.#sessions.get(session.id);
      if (!sizes) throw new UploadError('not_found', 'Gone.', { status: 404 });
      return { have: chunks.map(({ index }) => index).filter((index) => sizes.has(index)), kept: [] };
    });
  }

  async readReceiving(): Promise<ReadonlyMap<number, number>> {
    return new Map();
  }

  async findBatch({ id }: Upload): Promise<BatchResponse | null> {
    return this.#request(() => (this.capabilities.resendIsSafe && this.#batches.has(id) ? { batch_id: id } : null));
  }

  async abort({ session }: Upload): Promise<BatchResponse | null> {
    return this.#request(() => {
      if (session) this.#sessions.delete(session.id);
      return null;
    });
  }

  #send(handle: () => Sent): Sent {
    const isUnnamed = this.#faults[0]?.kind === 'unnamed';
    const { result, ...sent } = this.#request(handle);
    this.#learn();
    return isUnnamed || !result ? sent : { ...sent, result };
  }

  #request<T>(handle: () => T): T {
    this.requests++;
    const fault = this.#faults.shift() ?? { kind: 'none' };
    if (fault.kind === 'refused') throw new UploadError(fault.code, 'Words.', fault.details);
    if (fault.kind === 'forgets') this.#sessions.clear();
    const result = handle();
    if (fault.kind === 'lost') throw new UploadError(fault.code, 'Words.');
    return result;
  }

  #learn(): void {
    this.#profile?.update({ features: this.#features });
  }

  #store({ id }: Upload): BatchResponse {
    this.#batches.add(id);
    return { batch_id: id };
  }
}

function getSessionId({ id, generation }: Upload): string {
  return `${id} ${generation}`;
}
