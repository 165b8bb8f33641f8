import { ApiError } from './errors.ts';
import type { ChunkFields } from './fields.ts';

/** What is durable of a session beside its chunk files. */
export interface SessionFacts {
  readonly id: string;
  readonly ownerId: string;
  readonly key: string | null;
  readonly generation: number;
  readonly totalChunks: number;
  readonly filename: string;
  readonly uploadType: string;
  readonly taskId: string | null;
  readonly ticketHash: string | null;
}

/** A chunk as it lies on disk. */
export interface StoredChunk {
  readonly file: string;
  readonly sizeBytes: number;
  /** Null where the client did not say: it follows the chunk before. */
  readonly offset: number | null;
}

/** An unfinished upload. */
export interface Session extends SessionFacts {
  readonly chunks: Map<number, StoredChunk>;
  /** What the final chunk told, kept until the others have come. */
  notes: string | null;
  profileId: number | null;
  fileSize: number | null;
  touchedAt: number;
}

/** @throws ApiError `total_changed` when a chunk belongs to another plan. */
export function checked(session: Session, fields: ChunkFields): Session {
  if (session.totalChunks === fields.total_chunks) return session;
  throw new ApiError(409, 'total_changed', `This upload was begun with ${session.totalChunks} chunks.`);
}

/** @throws ApiError `chunks_overlap` when a chunk lies where it cannot. */
export function checkPlace(session: Session, fields: ChunkFields, chunk: StoredChunk): void {
  const { file_size: fileSize = session.fileSize } = fields;
  if (chunk.offset === null) return;
  const end = chunk.offset + chunk.sizeBytes;
  if (fileSize !== null && end > fileSize) throw overlap();
  for (const [index, other] of session.chunks) {
    if (index === fields.chunk_index || other.offset === null) continue;
    const isApart = other.offset + other.sizeBytes <= chunk.offset || other.offset >= end;
    if (!isApart) throw overlap();
  }
}

/** Chunks that do not make up one file. */
export function overlap(): ApiError {
  return new ApiError(409, 'chunks_overlap', 'The chunks overlap, leave a gap or reach past the end of the file.');
}
