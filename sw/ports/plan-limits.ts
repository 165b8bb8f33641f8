import type { ChunkLimits } from '../../src/shared/capabilities.ts';

/** Everything that the size of chunks depends on: server, settings and connection. */
export interface PlanLimits extends ChunkLimits {
  readonly canRecut: boolean;
  /** Chunks may carry many files. */
  readonly fileLists: boolean;
  /** Chunks are sent with their digests. */
  readonly digests: boolean;
  /** Bytes per second of one chunk while others share the connection; null before a measurement. */
  readonly ratePerRequest: number | null;
  /** Chunks in flight at once. */
  readonly maxInFlight: number;
}
