import { ApiError } from '../errors.ts';
import type { ChunkFields } from './form-fields.ts';

/** What is durable of a session from its first chunk on. */
export interface SessionFacts {
  readonly id: string;
  readonly ownerId: string;
  readonly key: string | null;
  readonly generation: number;
  readonly totalChunks: number;
  readonly filename: string;
  readonly uploadType: string;
  readonly taskId: string | null;
}

/** What any of its chunks may tell of the whole file. */
export interface Declared {
  readonly notes: string | null;
  readonly profileId: number | null;
  readonly fileSize: number | null;
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
  declared: Declared;
  touchedAt: number;
}

/** What is known of a file when nothing was declared yet. */
export const NOTHING_DECLARED: Declared = { notes: null, profileId: null, fileSize: null };

/** @throws ApiError `total_changed` or `generation_superseded` when a chunk belongs to another plan. */
export function checkPlan(session: Session, fields: ChunkFields): void {
  const { total_chunks: total, file_size: size, generation = session.generation } = fields;
  if (generation !== session.generation) throw createSupersededError();
  if (total !== session.totalChunks) {
    throw new ApiError(409, 'total_changed', `This upload was begun with ${session.totalChunks} chunks.`);
  }
  const { fileSize } = session.declared;
  if (size !== undefined && fileSize !== null && size !== fileSize) {
    throw new ApiError(409, 'total_changed', `This upload was begun with ${fileSize} bytes.`);
  }
}

/** @throws ApiError `chunks_overlap` when a chunk lies where it cannot. */
export function checkPlace(session: Session, fields: ChunkFields, chunk: StoredChunk): void {
  const fileSize = fields.file_size ?? session.declared.fileSize;
  if (chunk.offset === null) return;
  const end = chunk.offset + chunk.sizeBytes;
  if (fileSize !== null && end > fileSize) throw overlap();
  for (const [index, other] of session.chunks) {
    if (index === fields.chunk_index || other.offset === null) continue;
    const isApart = other.offset + other.sizeBytes <= chunk.offset || other.offset >= end;
    if (!isApart) throw overlap();
  }
}

/** What is known of the file once this chunk told its part. */
export function mergeDeclared({ declared }: Session, fields: ChunkFields): Declared {
  const {
    notes = declared.notes,
    profile_id: profileId = declared.profileId,
    file_size: fileSize = declared.fileSize,
  } = fields;
  return { notes, profileId, fileSize };
}

/**
 * The chunks in their order, once they make up the whole file.
 *
 * @throws ApiError `chunks_missing`, or `chunks_overlap` when they do not fit together.
 */
export function assembleFile(session: Session): { chunks: StoredChunk[]; sizeBytes: number } {
  const chunks: StoredChunk[] = [];
  let sizeBytes = 0;
  for (let index = 0; index < session.totalChunks; index++) {
    const chunk = session.chunks.get(index);
    if (!chunk) throw missing();
    if (chunk.offset !== null && chunk.offset !== sizeBytes) throw overlap();
    chunks.push(chunk);
    sizeBytes += chunk.sizeBytes;
  }
  const { fileSize } = session.declared;
  if (fileSize !== null && fileSize !== sizeBytes) throw overlap();
  return { chunks, sizeBytes };
}

/** The indices that are there, as half-open ranges. */
export function toRanges(session: Session): [number, number][] {
  const ranges: [number, number][] = [];
  for (const index of [...session.chunks.keys()].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
}

/** A chunk of a plan that another has replaced. */
export function createSupersededError(): ApiError {
  return new ApiError(409, 'generation_superseded', 'Another plan of this upload is under way.');
}

/** A final chunk that came too early. */
export function missing(): ApiError {
  return new ApiError(409, 'chunks_missing', 'The final chunk came before all others were here.');
}

function overlap(): ApiError {
  return new ApiError(409, 'chunks_overlap', 'The chunks overlap, leave a gap or reach past the end of the file.');
}
