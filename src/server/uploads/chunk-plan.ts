import { ApiError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Part, ReceivedBlob } from '../store/byte-store.ts';
import type { FileList } from '../store/file-list.ts';
import type { NewBatch, Session } from '../store/upload-store.ts';
import { badFileList } from './file-list-form.ts';
import type { ChunkFields } from './form-fields.ts';

/** A session of the plan that a first chunk states. */
export function createSession(ownerId: string, fields: ChunkFields): Session {
  const { key, totalChunks, filename, uploadType, metadata, fileCount } = fields;
  const plan = { generation: fields.generation ?? 0, totalChunks, filename, uploadType, metadata, fileCount };
  const nothing = { fileSize: null, fileList: null, chunks: new Map() };
  return { id: newId(), ownerId, key, ...plan, ...nothing, touchedAt: Date.now() };
}

/**
 * @throws ApiError 409 `total_changed` or `generation_superseded` when a chunk belongs to another
 *   plan.
 */
export function checkPlan(session: Session, fields: ChunkFields): void {
  if ((fields.generation ?? session.generation) !== session.generation) throw generationSuperseded();
  if (fields.totalChunks !== session.totalChunks) {
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
export function checkPosition(session: Session, fields: ChunkFields, { sizeBytes }: ReceivedBlob): void {
  const { offset, index } = fields;
  if (offset === null) return;
  const fileSize = fields.fileSize ?? session.fileSize;
  const end = offset + sizeBytes;
  if (fileSize !== null && end > fileSize) throw chunksOverlap();
  for (const [otherIndex, other] of session.chunks) {
    if (otherIndex === index || other.offset === null) continue;
    const isApart = other.offset + other.sizeBytes <= offset || other.offset >= end;
    if (!isApart) throw chunksOverlap();
  }
}

/** @throws ApiError 422 `bad_file_list` when chunk 0 of many files comes without their list. */
export function checkFileList({ fileCount, fileList }: Session, index: number, received: FileList | undefined): void {
  if (fileCount !== null && index === 0 && !fileList && !received) throw badFileList('it did not come with chunk 0');
}

/**
 * The batch of a session: one file that consists of its chunks.
 *
 * @throws ApiError 409 `chunks_missing`, or `chunks_overlap` when the chunks do not add up to the
 *   file.
 */
export function assembleBatch(session: Session): NewBatch {
  const { id: sessionId, ownerId, key, generation, totalChunks, uploadType, metadata, filename, fileList } = session;
  const file = { name: filename, type: 'application/octet-stream', sha256: null, ...assembleParts(session) };
  return { ownerId, key, sessionId, generation, totalChunks, uploadType, metadata, files: [file], fileList };
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

export function generationSuperseded(): ApiError {
  const message = 'A newer plan of this upload exists. Continue with the newest generation.';
  return new ApiError(409, 'generation_superseded', message);
}

export function chunksMissing(): ApiError {
  return new ApiError(409, 'chunks_missing', 'Chunks are missing. Send the final chunk after all others.');
}

function assembleParts({ chunks, totalChunks, fileSize }: Session): { parts: Part[]; sizeBytes: number } {
  const parts: Part[] = [];
  let sizeBytes = 0;
  for (let index = 0; index < totalChunks; index++) {
    const chunk = chunks.get(index);
    if (!chunk) throw chunksMissing();
    if (chunk.offset !== null && chunk.offset !== sizeBytes) throw chunksOverlap();
    parts.push({ blob: chunk.blob, sizeBytes: chunk.sizeBytes });
    sizeBytes += chunk.sizeBytes;
  }
  if (fileSize !== null && fileSize !== sizeBytes) throw chunksOverlap();
  return { parts, sizeBytes };
}

function totalChanged(message: string): ApiError {
  return new ApiError(409, 'total_changed', message);
}

function chunksOverlap(): ApiError {
  const message = 'The chunks overlap, leave a gap or reach past the end of the file. Check their offsets and sizes.';
  return new ApiError(409, 'chunks_overlap', message);
}
