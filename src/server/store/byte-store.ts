import type { Readable } from 'node:stream';

/** Names bytes in a byte store. Only the store that made it knows its meaning. */
export type BlobRef = string;

/** Bytes that arrived completely. */
export interface ReceivedBlob {
  readonly blob: BlobRef;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A stretch of a file that is stored as one blob. */
export interface Part {
  readonly blob: BlobRef;
  readonly sizeBytes: number;
}

/** Bytes, without the facts that refer to them. */
export interface ByteStore {
  /** Reads a stream to its end into temporary storage. Nothing is left when it fails. */
  receive(stream: Readable): Promise<ReceivedBlob>;
  /** Makes received bytes durable; after that an upload store may refer to them. */
  commit(blob: BlobRef): Promise<void>;
  /** The bytes `[start, end)` of a file that consists of these parts. */
  read(parts: readonly Part[], start: number, end: number): Readable;
  /** Removes received bytes that an upload store does not refer to; keeps all others. */
  remove(blobs: readonly BlobRef[]): Promise<void>;
}
