/** The server of the uploads, as the page configures it. */
export interface Endpoint {
  /** Base URL of the API, absolute. */
  readonly api: string;
  /** Base URL of the upload requests, absolute; usually the same as `api`. */
  readonly uploads: string;
  /**
   * URL that answers a POST with cookies by `{user_id, token}`, where the worker renews
   * credentials; or null.
   */
  readonly refresh: string | null;
  /** Most requests in flight over all uploads; null finds the best number. */
  readonly concurrency: number | null;
  /** Largest chunk, in bytes. */
  readonly chunkBytes: number;
  /** Chunks carry their SHA-256 if the server verifies it. */
  readonly digests: boolean;
}
