import type { Capabilities } from '../../src/shared/capabilities.ts';
import type { Chunk } from '../../src/shared/chunks.ts';
import type { UploadError } from '../../src/shared/errors.ts';
import type { ChunkRequest } from '../../src/shared/http/requests.ts';
import type { ServerProfile } from '../../src/shared/server-profile.ts';
import type { BatchResponse, RemoteSession, Upload } from '../../src/shared/upload.ts';

/** The bearer token of a request, and the signal that aborts it. */
export interface CallOptions {
  readonly accessToken: string;
  readonly signal: AbortSignal;
}

/** The confirmation in a successful response. */
export interface Sent {
  /** The session of the upload; its data adds to the data of earlier responses. */
  readonly session?: RemoteSession;
  /** The server's proof that it has the chunk, such as an ETag. */
  readonly proof?: string;
  /** How long the body took to arrive at the server, in ms. */
  readonly receivedMs?: number;
  /** Present once the batch exists. */
  readonly result?: BatchResponse;
}

/** A whole upload of one file, as a part of a bundle. */
export interface BundledUpload {
  readonly upload: Upload;
  readonly file: File;
  /** Hex; null if the server does not verify digests. */
  readonly sha256: string | null;
}

/** The response to a bundle. */
export interface SentBundle {
  /** The batch or the error of each upload, by its id. */
  readonly results: ReadonlyMap<string, BatchResponse | UploadError>;
  /** How long the body took to arrive at the server, in ms. */
  readonly receivedMs?: number;
}

/** The first bytes of a chunk, which the server kept after its request was cut. */
export interface KeptBytes {
  readonly index: number;
  /** The byte range `[start, end)` of the upload. */
  readonly start: number;
  readonly end: number;
  /** Hex. */
  readonly sha256: string;
}

/** The chunks or the batch that the server has of an upload. */
export interface RemoteState {
  /** Indices of the chunks that the server has. */
  readonly have: readonly number[];
  readonly kept: readonly KeptBytes[];
  readonly result?: BatchResponse;
}

/** The profile of the server, which outlives the worker. */
export interface ProfileStore {
  get(): ServerProfile;
  /** Takes effect for the next request; the owner of the store writes it to the database. */
  update(changes: Partial<ServerProfile>): void;
}

/**
 * The protocol of a server: sends requests and classifies failures, but decides nothing.
 * Every method rejects with an UploadError whose code says what happened, or with the signal's
 * reason.
 */
export interface Transport {
  readonly capabilities: Capabilities;
  /** False until the server has listed its features. */
  readonly isDiscovered: boolean;
  /** How many requests the protocol and the connection carry at once. */
  readonly maxInFlight: number;
  /** Whether the features are unknown, and `discover` may find them. */
  readonly needsDiscovery: boolean;
  /**
   * Asks an unknown server for its features, without sending a file. Resolves too if there is no
   * such route, or seems to be none.
   */
  discover(options: CallOptions): Promise<void>;
  sendWhole(upload: Upload, files: readonly File[], options: CallOptions): Promise<Sent>;
  sendChunk(request: ChunkRequest, options: CallOptions): Promise<Sent>;
  sendBundle(uploads: readonly BundledUpload[], options: CallOptions): Promise<SentBundle>;
  /** Proves by any response that the server can be reached. */
  probe(signal: AbortSignal): Promise<void>;
  /**
   * Asks which of these chunks the server has.
   *
   * @param cut indices of chunks whose requests are over: the server ends those that it still
   *   receives, and keeps what arrived.
   */
  query(
    session: RemoteSession,
    chunks: readonly Chunk[],
    cut: readonly number[],
    options: CallOptions,
  ): Promise<RemoteState>;
  /**
   * Asks what the server has of these chunks in flight, in bytes by index; infinite for a chunk
   * that it has stored. A whole upload is chunk 0.
   */
  readReceiving(upload: Upload, indices: readonly number[], options: CallOptions): Promise<ReadonlyMap<number, number>>;
  /** Asks for the batch of an upload without a session; null if there is none. */
  findBatch(upload: Upload, options: CallOptions): Promise<BatchResponse | null>;
  /** Ends the session of an upload; resolves with the batch if one was already made. */
  abort(upload: Upload, options: CallOptions): Promise<BatchResponse | null>;
}
