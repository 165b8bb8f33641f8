import type { Capabilities } from '../../src/shared/capabilities.ts';
import type { Chunk } from '../../src/shared/chunks.ts';
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
  /** Present once the batch exists. */
  readonly result?: BatchResponse;
}

/** The chunks or the batch that the server has of an upload. */
export interface RemoteState {
  /** Indices of the chunks that the server has. */
  readonly have: readonly number[];
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
  /** Asks an unknown server for its features, without sending a file. */
  discover(options: CallOptions): Promise<void>;
  sendWhole(upload: Upload, files: readonly File[], options: CallOptions): Promise<Sent>;
  sendChunk(request: ChunkRequest, options: CallOptions): Promise<Sent>;
  /** Asks which of these chunks the server has. */
  query(session: RemoteSession, chunks: readonly Chunk[], options: CallOptions): Promise<RemoteState>;
  /** Ends the session of an upload; resolves with the batch if one was already made. */
  abort(upload: Upload, options: CallOptions): Promise<BatchResponse | null>;
}
