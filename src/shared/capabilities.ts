/** The order in which a server accepts the chunks of one upload. */
export type Ordering =
  /** Chunk 0 must be acknowledged before all others, and all others before the final one. */
  | 'first-then-any-final-last'
  /** Chunk 0 must be acknowledged before all others. */
  | 'first-then-any'
  | 'any';

/** The sizes that a server accepts, in bytes. */
export interface ChunkLimits {
  /** Equals `maxChunkBytes` for a protocol with a fixed chunk size. */
  readonly minChunkBytes: number;
  readonly maxChunkBytes: number;
  /** All chunks but the final one must have the same size. */
  readonly equalChunks: boolean;
  /**
   * Largest body of a request with a whole upload; null allows only an upload that fits one chunk.
   */
  readonly maxWholeBytes: number | null;
}

/** The abilities of a server and its protocol. The worker never checks a protocol or a level. */
export interface Capabilities {
  readonly order: Ordering;
  /** A request that is sent twice never creates a second batch. */
  readonly resendIsSafe: boolean;
  /** The server reports which chunks of a session it has. */
  readonly canQuery: boolean;
  /** Chunks that were not sent yet may change their sizes. */
  readonly canResize: boolean;
  /** The server keeps what arrived of a chunk whose request was cut. */
  readonly keepsPartial: boolean;
  /** The server reports what it has of requests in flight. */
  readonly reportsReceiving: boolean;
  /** The digest that the server verifies for each chunk. */
  readonly digest: 'sha-256' | null;
  /** A session accepts chunks without an `Authorization` header, as Background Fetch needs. */
  readonly standaloneRequests: boolean;
  /** The chunks of one upload may carry many files, whose list comes with chunk 0. */
  readonly fileLists: boolean;
  /** One request may carry several whole uploads, each with a result of its own. */
  readonly bundles: boolean;
  readonly limits: ChunkLimits;
}
