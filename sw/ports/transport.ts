import type { ChunkRequest } from '../../src/shared/requests.ts';
import type { BatchResponse, Upload } from '../../src/shared/upload.ts';

/** What a call may use: the bearer token, and the signal that ends it. */
export interface CallOptions {
  readonly accessToken: string;
  readonly signal: AbortSignal;
}

/** An acknowledgement, as far as it was understood. */
export interface Sent {
  readonly sessionId?: string;
  readonly ticket?: string;
  readonly result?: BatchResponse;
  readonly features: readonly string[];
}

/** What the server has of a session. */
export interface RemoteState {
  /** Half-open ranges of chunk indices. */
  readonly received: readonly (readonly [number, number])[];
  readonly result?: BatchResponse;
}

/**
 * Carries requests to a server, classifies how each ended, and decides nothing.
 * Every method throws UploadError with a code of requests, or the signal's reason.
 */
export interface Transport {
  /** Whether the last answer came by a connection that carries many requests at once. */
  readonly isMultiplexed: boolean;
  sendWhole(upload: Upload, files: readonly Blob[], call: CallOptions): Promise<Sent>;
  sendChunk(request: ChunkRequest, call: CallOptions): Promise<Sent>;
  query(sessionId: string, call: CallOptions): Promise<RemoteState>;
  /** What the server lists when it is asked for nothing else: how an unknown one is told apart without sending a file. */
  discover(call: CallOptions): Promise<readonly string[]>;
  /** What became of an upload whose session has no name here; null when that is no batch. */
  findResult(key: string, call: CallOptions): Promise<BatchResponse | null>;
  /** Ends a session; answers its batch when that was made already. */
  abort(sessionId: string, call: CallOptions): Promise<BatchResponse | null>;
}
