import { type Batch, sumSizes } from '../store/upload-store.ts';
import type { PartialChunkStatus } from './partial-chunks.ts';

/** The progress of a session. */
export interface SessionProgress {
  /** The idempotency key. */
  readonly key: string | null;
  readonly generation: number;
  readonly totalChunks: number;
  /** Half-open ranges of indices. */
  readonly received: readonly [number, number][];
  /** Half-open ranges of bytes of the file. */
  readonly receivedBytes: readonly [number, number][];
  readonly partials: readonly PartialChunkStatus[];
  readonly batch?: Batch;
}

/** The progress of a session that became a batch. */
export function toFinishedProgress(batch: Batch): SessionProgress {
  const { key, generation, totalChunks, files } = batch;
  const sizeBytes = sumSizes(files);
  const receivedBytes: [number, number][] = sizeBytes === 0 ? [] : [[0, sizeBytes]];
  return { key, generation, totalChunks, received: [[0, totalChunks]], receivedBytes, partials: [], batch };
}
