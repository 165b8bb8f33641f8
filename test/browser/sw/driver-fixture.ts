import { deleteDB, openDB } from 'idb';
import type { Capabilities } from '../../../src/shared/capabilities.ts';
import { type Chunk, MAX_CHUNK_BYTES } from '../../../src/shared/chunks.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import type { UploadError } from '../../../src/shared/errors.ts';
import { getCapabilities } from '../../../src/shared/http/features.ts';
import type { ChunkRequest } from '../../../src/shared/http/requests.ts';
import type { ServerProfile } from '../../../src/shared/server-profile.ts';
import { listPieces } from '../../../src/shared/staging/pieces.ts';
import type { BatchResponse, RemoteSession, Upload, UploadBase } from '../../../src/shared/upload.ts';
import { realClock } from '../../../sw/ports/clock.ts';
import type { DriverDependencies, FailedChunk } from '../../../sw/ports/ports.ts';
import type {
  BundledUpload,
  CallOptions,
  KeptBytes,
  ProfileStore,
  RemoteState,
  Sent,
  SentBundle,
  Transport,
} from '../../../sw/ports/transport.ts';
import { Driver } from '../../../sw/schedule/driver.ts';
import { createUpload } from '../../fixtures/upload.ts';

/** The number of chunks of an upload from `DriverFixture.queueUpload`. */
export const CHUNKS = 12;
/** The features of a server with safe re-sending and no query of sessions. */
export const KEY_ONLY = ['idempotency_key'];
/** The features of a server with safe re-sending and queries. */
export const WITH_KEY = [...KEY_ONLY, 'status'];
/** The features with which chunks may be sent in any order, without a session id. */
export const WITH_OFFSETS = [...WITH_KEY, 'generation', 'chunk_offset', 'parallel_start'];

/** The features with which chunks may carry many files. */
export const WITH_FILE_LISTS = [...WITH_OFFSETS, 'file_size', 'file_list'];

/** What a `FakeTransport` keeps of cut chunks, and how its requests fail. */
export interface LinkFaults {
  readonly kept?: (chunk: Chunk) => KeptBytes | undefined;
  /** The result of an upload of a bundle, instead of a batch. */
  readonly bundled?: (upload: Upload) => BatchResponse | UploadError | undefined;
  readonly probe?: () => unknown;
  /** How many complete uploads get a response without a batch. */
  readonly unnamed?: number;
}

/** A server in memory that records the order of its requests. */
export class FakeTransport implements Transport {
  readonly maxInFlight = 4;
  readonly startedChunks: number[] = [];
  /** The byte ranges of the acknowledged chunks. */
  readonly acknowledgedRanges: Chunk[] = [];
  readonly endedChunks: number[] = [];
  /** The indices of the chunks that came with a list of files. */
  readonly listedChunks: number[] = [];
  /** The ids of the uploads of each bundle. */
  readonly bundles: string[][] = [];
  /** The ids of the direct uploads, in the order of their requests. */
  readonly directUploads: string[] = [];
  /** How many chunk requests had started before each direct upload. */
  readonly chunksBeforeDirect: number[] = [];
  mostInFlight = 0;
  statusRequests = 0;
  probes = 0;
  /** The kept bytes that each chunk request continued, by index. */
  readonly continued: (readonly [number, string])[] = [];
  /** The chunks that were sent whole, whatever the server keeps. */
  readonly replaced: number[] = [];
  /** The idempotency keys of the batch queries. */
  readonly batchQueries: string[] = [];
  /** The size of each stored chunk, by its index, of each generation. */
  readonly #stored = new Map<number, Map<number, number>>();
  #inFlight = 0;
  /** The ids of the whole uploads that have a batch. */
  readonly #batches = new Set<string>();
  readonly #features: readonly string[];
  #profile: ProfileStore = createProfileStore();
  readonly #duringRequest: (index: number, signal: AbortSignal) => unknown;
  readonly #faults: LinkFaults;
  #unnamedLeft: number;

  /**
   * @param duringRequest is called while a chunk request is in flight, or a direct upload or bundle
   * as index 0; its error becomes the result of the request.
   */
  constructor(
    features: readonly string[],
    duringRequest: (index: number, signal: AbortSignal) => unknown = () => undefined,
    faults: LinkFaults = {},
  ) {
    this.#features = features;
    this.#duringRequest = duringRequest;
    this.#faults = faults;
    this.#unnamedLeft = faults.unnamed ?? 0;
  }

  connect(profile: ProfileStore): this {
    this.#profile = profile;
    return this;
  }

  get capabilities(): Capabilities {
    return getCapabilities(this.#profile.get());
  }

  get isDiscovered(): boolean {
    return this.#profile.get().features !== null;
  }

  get needsDiscovery(): boolean {
    return !this.isDiscovered;
  }

  async discover(): Promise<void> {
    if (!this.isDiscovered && this.#features.length > 0) this.#profile.update({ features: this.#features });
  }

  async sendChunk({ upload, chunk, continues, fileList }: ChunkRequest, call: CallOptions): Promise<Sent> {
    this.startedChunks.push(chunk.index);
    if (continues === null) this.replaced.push(chunk.index);
    else if (continues !== '') this.continued.push([chunk.index, continues]);
    if (fileList) this.listedChunks.push(chunk.index);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight);
    try {
      await realClock.sleep(5, call.signal);
      await this.#duringRequest(chunk.index, call.signal);
      this.endedChunks.push(chunk.index);
      this.acknowledgedRanges.push(chunk);
      const stored = this.#stored.get(upload.generation) ?? new Map();
      this.#stored.set(upload.generation, stored.set(chunk.index, chunk.end - chunk.start));
      const isDone = getTotal([...stored.values()]) === upload.sizeBytes;
      this.#profile.update({ features: this.#features });
      const isNamed = isDone && this.#unnamedLeft-- <= 0;
      return { session: { id: 'session' }, ...(isNamed && { result: { batch_id: 'b' } }) };
    } finally {
      this.#inFlight--;
    }
  }

  async sendWhole(upload: Upload, _files: readonly Blob[], call: CallOptions): Promise<Sent> {
    this.directUploads.push(upload.id);
    this.chunksBeforeDirect.push(this.startedChunks.length);
    const result = this.#store(upload);
    await this.#duringRequest(0, call.signal);
    this.#profile.update({ features: this.#features });
    return { result };
  }

  async sendBundle(uploads: readonly BundledUpload[], call: CallOptions): Promise<SentBundle> {
    this.bundles.push(uploads.map(({ upload }) => upload.id));
    const results = uploads.map(
      ({ upload }) => [upload.id, this.#faults.bundled?.(upload) ?? this.#store(upload)] as const,
    );
    await this.#duringRequest(0, call.signal);
    return { results: new Map(results) };
  }

  async findBatch({ id }: Upload): Promise<BatchResponse | null> {
    if (!this.capabilities.resendIsSafe) return null;
    this.batchQueries.push(id);
    return this.#batches.has(id) ? { batch_id: id } : null;
  }

  async abort(upload: Upload): Promise<BatchResponse | null> {
    return upload.session ? null : this.findBatch(upload);
  }

  async query(_session: RemoteSession, chunks: readonly Chunk[], cut: readonly number[]): Promise<RemoteState> {
    this.statusRequests++;
    const stored = this.#stored.get(Math.max(...this.#stored.keys())) ?? new Map();
    const kept = chunks.filter(({ index }) => cut.includes(index)).flatMap((chunk) => this.#faults.kept?.(chunk) ?? []);
    return { have: [...stored.keys()], kept };
  }

  async probe(): Promise<void> {
    this.probes++;
    await this.#faults.probe?.();
  }

  async readReceiving(): Promise<ReadonlyMap<number, number>> {
    return new Map();
  }

  #store({ id }: Upload): BatchResponse {
    this.#batches.add(id);
    return { batch_id: id };
  }

  get isIdle(): boolean {
    return this.#inFlight === 0;
  }
}

function getTotal(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

function createProfileStore(): ProfileStore {
  let profile: ServerProfile = { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };
  return {
    get: () => profile,
    update: (changes) => {
      profile = { ...profile, ...changes };
    },
  };
}

/** A transport that the driver connects to the profile of its server. */
export interface ConnectableTransport extends Transport {
  connect(profile: ProfileStore): this;
}

/** A driver with a real database and a transport in memory. */
export class DriverFixture {
  readonly db: UploadsDb;
  readonly failedChunks: FailedChunk[] = [];
  readonly #name: string;

  private constructor(db: UploadsDb, name: string) {
    this.db = db;
    this.#name = name;
  }

  static async open(): Promise<DriverFixture> {
    const name = `test ${crypto.randomUUID()}`;
    const db = await UploadsDb.open(name);
    await db.settings.setCredentials({ userId: 'ada', accessToken: 't' });
    const uploads = 'https://scripted.test';
    await db.settings.setEndpoint({
      api: uploads,
      uploads,
      refresh: null,
      concurrency: 4,
      chunkBytes: MAX_CHUNK_BYTES,
      digests: false,
    });
    return new DriverFixture(db, name);
  }

  async close(): Promise<void> {
    this.db.close();
    await deleteDB(this.#name);
  }

  createDriver(transport: ConnectableTransport, dependencies: Partial<DriverDependencies> = {}): Driver {
    return new Driver({
      db: this.db,
      // Without jitter every backoff is 0 ms.
      clock: { ...realClock, random: () => 0 },
      tabs: { post: async () => undefined, count: async () => 0, hasVisible: async () => false },
      failedChunks: { push: async (entry) => void this.failedChunks.push(entry) },
      exclusive: (_name, _signal, work) => work(),
      online: () => true,
      isOnCellular: () => false,
      downlink: () => null,
      createTransport: (_endpoint, profile) => transport.connect(profile),
      ...dependencies,
    });
  }

  /** Blocks all writes of receipts until the returned function is called. */
  async holdReceipts(): Promise<() => void> {
    const db = await openDB(this.#name);
    const { store } = db.transaction('receipts', 'readwrite');
    let isHeld = true;
    // A transaction stays open as long as it has requests.
    const hold = async () => {
      while (isHeld) await store.count();
      db.close();
    };
    await store.count();
    void hold();
    return () => {
      isHeld = false;
    };
  }

  /** Queues a staged upload of zeros and returns its id. */
  async queueUpload(facts: Partial<UploadBase> = {}, sizeBytes = CHUNKS * 10): Promise<string> {
    const plan = { way: 'chunks', chunkBytes: sizeBytes / CHUNKS, ramp: [] } as const;
    const upload = createUpload({ sizeBytes, stagedBytes: 0, plan, ...facts });
    await this.db.add(upload);
    const pieces = listPieces(sizeBytes);
    const blobs = pieces.map(({ start, end }) => new Blob([new Uint8Array(end - start)]));
    await this.db.putPieces(upload.id, 0, blobs, (before) => ({ ...before, stagedBytes: sizeBytes }));
    return upload.id;
  }

  /** Queues an upload, drives once and returns the record. */
  async queueAndDrive(
    transport: FakeTransport,
    dependencies: Partial<DriverDependencies> = {},
  ): Promise<Upload | undefined> {
    const id = await this.queueUpload();
    await this.createDriver(transport, dependencies).drive(createWake());
    return this.db.get(id);
  }
}

/** A message wake with 20 s. */
export function createWake() {
  return { kind: 'message', deadline: performance.now() + 20_000 } as const;
}
