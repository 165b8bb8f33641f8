import { type Chunk, MAX_REQUEST_BYTES } from './chunks.ts';
import type { ServerProfile } from './endpoint.ts';
import { isImageBatch, listFormFields } from './metadata.ts';
import type { Upload } from './upload.ts';

/** Where chunks go, below the base URL. */
export const CHUNK_PATH = '/batches/upload-chunk';

/** Which fields beyond the original form a request may carry. */
export type Supports = (feature: string) => boolean;

/**
 * What an endpoint may be told: nothing it did not list. One that never answered gets `idempotency_key` alone, unless it
 * refused a form for it: that field is how an exact server is found without troubling an original one.
 */
export function createSupports(learned: ServerProfile): Supports {
  if (learned.features === null) return (feature) => feature === 'idempotency_key' && !learned.rejectsExtraFields;
  const known = new Set(learned.features);
  return (feature) => known.has(feature);
}

/** True where re-sending can never make a second batch, and the server can be asked what it has. */
export function isIdempotent(learned: ServerProfile): boolean {
  return learned.features?.includes('idempotency_key') ?? false;
}

/** The body of `POST /batches/upload`; text first, so that a server reading the stream knows whose bytes follow. */
export function createDirectForm(upload: Upload, files: readonly Blob[], speak: Supports): FormData {
  const form = new FormData();
  appendMetadata(form, upload, true);
  appendIdempotencyKey(form, upload, speak);
  const name = isImageBatch(upload.metadata) ? 'files' : 'file';
  for (const [i, blob] of files.entries()) form.append(name, blob, upload.files[i]?.name);
  return form;
}

/** One chunk with what its request must say about the rest. */
export interface ChunkRequest {
  readonly upload: Upload;
  readonly chunk: Chunk;
  readonly chunksTotal: number;
  readonly bytes: Blob;
  /** Hex, or null where the server does not check it. */
  readonly sha256: string | null;
}

/** The body of `POST /batches/upload-chunk`. */
export function createChunkForm(request: ChunkRequest, speak: Supports): FormData {
  const { upload, chunk, chunksTotal, bytes, sha256 } = request;
  const filename = upload.files[0]?.name ?? '';
  const isFinal = chunk.index === chunksTotal - 1;
  const form = new FormData();
  form.set('chunk_index', String(chunk.index));
  form.set('total_chunks', String(chunksTotal));
  form.set('filename', filename);
  form.set('is_final_chunk', String(isFinal));
  if (upload.session) form.set('upload_id', upload.session.id);
  appendMetadata(form, upload, isFinal);
  appendIdempotencyKey(form, upload, speak);
  if (speak('chunk_offset')) form.set('chunk_offset', String(chunk.start));
  if (speak('file_size')) form.set('file_size', String(upload.sizeBytes));
  if (sha256 !== null && speak('chunk_sha256')) form.set('chunk_sha256', sha256);
  if (upload.session?.ticket && speak('ticket')) form.set('ticket', upload.session.ticket);
  form.set('chunk', bytes, `${filename}.part${chunk.index}`);
  return form;
}

/** Whether the upload and its form together pass as one request. */
export function fitsOneRequest(upload: Upload): boolean {
  const { metadata, files } = upload;
  // A part is framed by a boundary and two headers, under 400 bytes; a name may be percent-encoded to three times its bytes.
  const words = [...Object.values(metadata), ...files.map(({ name, type }) => name + type)];
  const text = words.reduce((sum, word) => sum + 9 * word.length, 0);
  return upload.sizeBytes + text + 400 * (files.length + Object.keys(metadata).length + 3) <= MAX_REQUEST_BYTES;
}

function appendMetadata(form: FormData, { metadata }: Upload, isFinal: boolean): void {
  for (const [name, value] of listFormFields(metadata, { isFinal })) form.set(name, value);
}

function appendIdempotencyKey(form: FormData, upload: Upload, speak: Supports): void {
  if (speak('idempotency_key')) form.set('idempotency_key', upload.id);
  if (speak('generation')) form.set('generation', String(upload.generation));
}
