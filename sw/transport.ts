import type { ChunkRequest } from '../src/shared/requests.ts';
import type { BatchResponse, Upload } from '../src/shared/upload.ts';

/** What a call may use: the bearer token, and the signal that ends it. */
export interface Call {
  readonly token: string;
  readonly signal: AbortSignal;
}

/** An acknowledgement, as far as it was understood. */
export interface Answer {
  readonly uploadId?: string;
  readonly ticket?: string;
  readonly batch?: BatchResponse;
  readonly features: readonly string[];
}

/** What the server has of a session. */
export interface SessionStatus {
  /** Half-open ranges of chunk indices. */
  readonly received: readonly (readonly [number, number])[];
  readonly batch?: BatchResponse;
}

/**
 * Carries requests to a server, classifies how each ended, and decides nothing.
 * Every method throws UploadError with a code of requests, or the signal's reason.
 */
export interface Transport {
  /** Whether the last answer came by a connection that carries many requests at once. */
  readonly multiplexed: boolean;
  direct(upload: Upload, files: readonly Blob[], call: Call): Promise<Answer>;
  chunk(request: ChunkRequest, call: Call): Promise<Answer>;
  status(sessionId: string, call: Call): Promise<SessionStatus>;
  /** What the server lists when it is asked for nothing else: how an unknown one is told apart without sending a file. */
  features(call: Call): Promise<readonly string[]>;
  /** What became of an upload whose session has no name here; null when that is no batch. */
  batchOf(key: string, call: Call): Promise<BatchResponse | null>;
  /** Ends a session; answers its batch when that was made already. */
  discard(sessionId: string, call: Call): Promise<BatchResponse | null>;
}
