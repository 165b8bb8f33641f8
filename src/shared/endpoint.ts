/** Where uploads go, and how the worker gets a new token when no tab can give one. */
export interface Endpoint {
  /** Base URL of the API, absolute. */
  readonly api: string;
  /** Base URL for the upload requests alone, absolute; mostly the same. */
  readonly uploads: string;
  /** URL that answers `{user_id, token}` to a POST with cookies, or null. */
  readonly refresh: string | null;
  /** The most chunks in flight at once, over all uploads; null lets the driver find out what pays. */
  readonly concurrency: number | null;
  /** The largest chunk to send, in bytes. */
  readonly chunkBytes: number;
  /** Whether chunks carry their SHA-256 where the server checks it. */
  readonly digests: boolean;
}

/** What the answers of one endpoint have taught. */
export interface ServerProfile {
  /** The `features` of its last answer; null until it answered. An empty list is an original-level server. */
  readonly features: readonly string[] | null;
  /** It refused a form with an unknown field. */
  readonly rejectsExtraFields: boolean;
  /** Asked before its first answer to an upload, it listed nothing. */
  readonly listsNothing?: boolean;
  readonly rateBytesPerSecond: number | null;
  /** Chunks over this many bytes were answered with 413; null or missing while none was. */
  readonly maxChunkBytes?: number | null;
}
