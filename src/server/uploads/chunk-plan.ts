import { ApiError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Part } from '../store/byte-store.ts';
import type { FileList } from '../store/file-list.ts';
import { type NewBatch, overlaps, type Session, type StoredChunk, sumSizes } from '../store/upload-store.ts';
import { badFileList } from './file-list-form.ts';
import type { ChunkFields } from './form-fields.ts';

/** A session of the plan that a first chunk states. */
export function createSession(ownerId: string, fields: ChunkFields): Session {
  const { key, totalChunks, filename, uploadType, metadata, fileCount } = fields;
  const plan = { generation: fields.generation ?? 0, totalChunks, filename, uploadType, metadata, fileCount };
  const nothing = { fileSize: null, fileList: null, chunks: new Map(), partials: new Map() };
  return { id: newId(), ownerId, key, ...plan, ...nothing, touchedAt: Date.now() };
}

/**
 * @throws ApiError 409 `total_changed` or `generation_superseded` when a chunk belongs to another
 *   plan.
 */
export function checkPlan(session: Session, fields: ChunkFields): void {
  if ((fields.generation ?? session.generation) !== session.generation) throw generationSuperseded();
  if (fields.totalChunks !== session.totalChunks && !isRecut(session, fields)) {
    throw totalChanged(`total_chunks must be ${session.totalChunks}, as in the first chunk of this upload.`);
  }
  if (fields.fileCount !== session.fileCount) {
    throw totalChanged('file_count must be the same in all chunks of this upload.');
  }
  const { fileSize } = session;
  if (fields.fileSize !== null && fileSize !== null && fields.fileSize !== fileSize) {
    throw totalChanged(`file_size must be ${fileSize}, as in the first chunk of this upload.`);
  }
}

/**
 * @throws ApiError 409 `chunks_overlap` when a chunk overlaps another or reaches past the end of
 *   the file.
 */
export function checkPosition(
  { fileSize, chunks }: Pick<Session, 'fileSize' | 'chunks'>,
  index: number,
  chunk: StoredChunk,
): void {
  const { offset, sizeBytes } = chunk;
  if (offset === null) return;
  if (fileSize !== null && offset + sizeBytes > fileSize) throw chunksOverlap();
  for (const [otherIndex, other] of chunks) {
    if (otherIndex !== index && overlaps(chunk, other)) throw chunksOverlap();
  }
}

/** @throws ApiError 422 `bad_file_list` when chunk 0 of many files comes without their list. */
export function checkFileList({ fileCount, fileList }: Session, index: number, received: FileList | undefined): void {
  if (fileCount !== null && index === 0 && !fileList && !received) throw badFileList('it did not come with chunk 0');
}

/**
 * Whether all bytes of the file are stored; without positions, whether all chunks are. An upload of
 * many files needs their list too.
 */
export function isComplete(session: Session): boolean {
  const { chunks, totalChunks, fileSize, fileCount, fileList } = session;
  if (fileCount !== null && fileList === null) return false;
  if (fileSize === null || !hasPositions(session)) return chunks.size === totalChunks;
  return sumSizes(chunks.values()) >= fileSize;
}

/**
 * The batch of a session: one file that consists of its chunks.
 *
 * @throws ApiError 409 `chunks_missing`, or `chunks_overlap` when the chunks do not add up to the
 *   file.
 */
export function assembleBatch(session: Session): NewBatch {
  const { id: sessionId, ownerId, key, generation, chunks, uploadType, metadata, filename, fileList } = session;
  const facts = { ownerId, key, sessionId, generation, totalChunks: chunks.size, uploadType, metadata };
  const file = { name: filename, type: 'application/octet-stream', sha256: null, ...assembleParts(session) };
  return { ...facts, files: [file], fileList };
}

/** The stored indices as half-open ranges. */
export function toIndexRanges({ chunks }: Session): [number, number][] {
  const ranges: [number, number][] = [];
  for (const index of [...chunks.keys()].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
}

/** The stored bytes of the file as half-open ranges, of the chunks that state their positions. */
export function toByteRanges({ chunks }: Session): [number, number][] {
  const ranges: [number, number][] = [];
  for (const { offset, sizeBytes } of sortByOffset([...chunks.values()])) {
    if (offset === null || sizeBytes === 0) continue;
    const last = ranges.at(-1);
    if (last?.[1] === offset) last[1] = offset + sizeBytes;
    else ranges.push([offset, offset + sizeBytes]);
  }
  return ranges;
}

export function generationSuperseded(): ApiError {
  const message = 'A newer plan of this upload exists. Continue with the newest generation.';
  return new ApiError(409, 'generation_superseded', message);
}

export function chunksMissing(): ApiError {
  return new ApiError(409, 'chunks_missing', 'Chunks are missing. Send the final chunk after all others.');
}

function assembleParts(session: Session): { parts: Part[]; sizeBytes: number } {
  const { fileSize } = session;
  const parts: Part[] = [];
  let sizeBytes = 0;
  for (const chunk of toFileOrder(session)) {
    if (chunk.offset !== null && chunk.offset !== sizeBytes) throw chunksOverlap();
    parts.push(...chunk.parts);
    sizeBytes += chunk.sizeBytes;
  }
  if (fileSize !== null && fileSize !== sizeBytes) throw chunksOverlap();
  return { parts, sizeBytes };
}

function toFileOrder(session: Session): StoredChunk[] {
  const { chunks, totalChunks } = session;
  if (hasPositions(session)) return sortByOffset([...chunks.values()]);
  return Array.from({ length: totalChunks }, (_, index) => {
    const chunk = chunks.get(index);
    if (!chunk) throw chunksMissing();
    return chunk;
  });
}

/** An empty chunk precedes the chunk that starts where it ends. */
function sortByOffset(chunks: readonly StoredChunk[]): StoredChunk[] {
  return chunks.toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0) || a.sizeBytes - b.sizeBytes);
}

/** Whether the positions of its chunks, not their number, say what is missing of an upload. */
function hasPositions({ key, fileSize, chunks }: Session): boolean {
  return key !== null && fileSize !== null && [...chunks.values()].every(({ offset }) => offset !== null);
}

/** Whether a chunk may belong to another division of the file than the chunks before it. */
function isRecut({ key }: Session, { offset, fileSize }: ChunkFields): boolean {
  return key !== null && offset !== null && fileSize !== null;
}

function totalChanged(message: string): ApiError {
  return new ApiError(409, 'total_changed', message);
}

function chunksOverlap(): ApiError {
  const message = 'The chunks overlap, leave a gap or reach past the end of the file. Check their offsets and sizes.';
  return new ApiError(409, 'chunks_overlap', message);
}
