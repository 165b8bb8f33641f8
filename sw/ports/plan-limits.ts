import type { ChunkLimits } from '../../src/shared/capabilities.ts';

/** Everything that the size of chunks depends on: server, settings and connection. */
export interface PlanLimits extends ChunkLimits {
  /** Chunks may carry many files. */
  readonly fileLists: boolean;
  /** Chunks are sent with their digests. */
  readonly digests: boolean;
  /** Bytes per second of the connection; null if unknown. */
  readonly rate: number | null;
  /** Requests in flight at once. */
  readonly inFlight: number;
  /** How many seconds of that rate may be in flight. */
  readonly flightSeconds: number;
}
