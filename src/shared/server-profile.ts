/**
 * The worker's memory of a server, by base URL. Discovery and every response keep it up to date.
 */
export interface ServerProfile {
  /** The features of the last response; null before the first one. The basic level lists none. */
  readonly features: readonly string[] | null;
  /** The server rejected a form with an unknown field. */
  readonly rejectsExtraFields: boolean;
  /** Discovery found no features before the first upload. */
  readonly listsNothing?: boolean;
  /** Measured throughput; null before a measurement. */
  readonly rateBytesPerSecond: number | null;
  /** The connection carries many requests at once, as with HTTP/2. Missing before a response. */
  readonly isMultiplexed?: boolean;
  /** How many streams of such a connection paid; null or missing if unknown. */
  readonly streams?: number | null;
  /** The average time between two failures of the link, in ms; null or missing if none was seen. */
  readonly upMs?: number | null;
  /** The largest upload, in bytes; null or missing if the server does not say. */
  readonly maxUploadBytes?: number | null;
  /**
   * Largest chunk after the server refused a larger one with 413; null or missing if it never did.
   */
  readonly maxChunkBytes?: number | null;
}
