/** In which order a server takes the chunks of an upload. */
export interface Ordering {
  /** The final one need not be last. */
  readonly any: boolean;
  /** Chunk 0 need not be answered first. */
  readonly startsAnywhere: boolean;
}

/** What is known of server and link when an upload is cut. */
export interface PlanLimits {
  /** Its server takes chunks of any size for files of any size. */
  readonly exact: boolean;
  /** It takes unequal chunks. */
  readonly unequal: boolean;
  /** Its chunks are sent with their digests. */
  readonly digests: boolean;
  /** The largest chunk allowed, in bytes. */
  readonly maxChunkBytes: number;
  /** Bytes per second of one chunk with the others beside it; null while nothing is known. */
  readonly ratePerRequest: number | null;
  /** Chunks in flight at once. */
  readonly maxInFlight: number;
}
