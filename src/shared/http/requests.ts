import { createChunkUrl } from '../background-fetch.ts';
import type { Chunk } from '../chunks.ts';
import { isImageBatch, listFormFields } from '../metadata.ts';
import type { ServerProfile } from '../server-profile.ts';
import type { Upload } from '../upload.ts';
import { createSupports, type Supports } from './features.ts';
import { hasFileList } from './file-list.ts';

/** The path of chunks and sessions, relative to the base URL. */
export const CHUNK_PATH = '/batches/upload-chunk';

/** A form part has a boundary and two headers, together less than this. */
const PART_BYTES = 400;
/** A character has up to three bytes in UTF-8, and each byte may be percent-encoded in a name. */
const BYTES_PER_CHARACTER = 9;
/** Parts besides files and metadata, at most. */
const OTHER_PARTS = 4;

/** A chunk with everything that its request contains. */
export interface ChunkRequest {
  readonly upload: Upload;
  readonly chunk: Chunk;
  readonly chunksTotal: number;
  readonly bytes: Blob;
  /** Hex, of these bytes; null if the server does not verify digests. */
  readonly sha256: string | null;
  /**
   * The digest of the kept bytes that this request continues; empty if the server keeps none, as
   * far as the client knows; null for a whole chunk whatever the server keeps.
   */
  readonly continues: string | null;
  /** Chunk 0 of an upload of many files has their list. See `readFileList`. */
  readonly fileList?: Blob | null;
}

/**
 * Creates the body of `POST /batches/upload`. Text fields come first, so that a streaming server
 * can check them early.
 */
export function createWholeForm(upload: Upload, files: readonly File[], profile: ServerProfile): FormData {
  const form = new FormData();
  const supports = createSupports(profile);
  appendMetadata(form, upload, true);
  appendKey(form, upload, supports);
  appendName(form, upload, supports);
  const name = isImageBatch(upload.metadata) ? 'files' : 'file';
  for (const file of files) form.append(name, file);
  return form;
}

/** Creates the body of `POST /batches/upload-chunk`. */
export function createChunkForm(request: ChunkRequest, profile: ServerProfile): FormData {
  const { upload, chunk, chunksTotal, bytes } = request;
  const filename = upload.files[0]?.name ?? '';
  const isFinal = chunk.index === chunksTotal - 1;
  const supports = createSupports(profile);
  const form = new FormData();
  form.set('chunk_index', String(chunk.index));
  form.set('total_chunks', String(chunksTotal));
  form.set('filename', filename);
  form.set('is_final_chunk', String(isFinal));
  if (upload.session) form.set('upload_id', upload.session.id);
  appendMetadata(form, upload, isFinal);
  appendKey(form, upload, supports);
  appendName(form, upload, supports);
  appendExtensions(form, request, supports);
  appendFileList(form, request, supports);
  form.set('chunk', bytes, `${filename}.part${chunk.index}`);
  return form;
}

/**
 * Creates the request of a chunk for a Background Fetch. It has no token, which would expire on the
 * way: the ticket in its form stays valid. A redirect would send the ticket to a host that is not
 * configured.
 */
export function createStandaloneRequest(baseUrl: string, request: ChunkRequest, profile: ServerProfile): Request {
  const { upload, chunk, bytes } = request;
  const ref = { uploadId: upload.id, generation: upload.generation, index: chunk.index, sizeBytes: bytes.size };
  const url = createChunkUrl(`${baseUrl}${CHUNK_PATH}`, ref);
  return new Request(url, { method: 'POST', body: createChunkForm(request, profile), redirect: 'error' });
}

/** The size of a request with a whole file, form included: an upper bound. */
export function estimateRequestBytes({ sizeBytes, metadata, files }: Upload): number {
  const texts = [...Object.values(metadata), ...files.map(({ name, type }) => name + name + type)];
  const textBytes = texts.reduce((sum, text) => sum + BYTES_PER_CHARACTER * text.length, 0);
  const parts = files.length + Object.keys(metadata).length + OTHER_PARTS;
  return sizeBytes + textBytes + PART_BYTES * parts;
}

/** The list comes before the bytes, so that a streaming server knows where each file ends. */
function appendFileList(form: FormData, { upload, fileList }: ChunkRequest, supports: Supports): void {
  if (!supports('file_list') || !hasFileList(upload)) return;
  form.set('file_count', String(upload.fileCount));
  if (fileList) form.set('file_list', fileList, 'file_list.json');
}

function appendMetadata(form: FormData, { metadata }: Upload, isFinal: boolean): void {
  for (const [name, value] of listFormFields(metadata, { isFinal })) form.set(name, value);
}

function appendKey(form: FormData, upload: Upload, supports: Supports): void {
  if (supports('idempotency_key')) form.set('idempotency_key', upload.id);
  if (supports('generation')) form.set('generation', String(upload.generation));
}

/** Forms change quotes and line breaks of names. The names of many files are in their list. */
function appendName(form: FormData, upload: Upload, supports: Supports): void {
  const [file] = upload.files;
  if (!supports('encoded_filename') || !file || hasFileList(upload)) return;
  form.set('encoded_filename', encodeURIComponent(file.name));
}

function appendExtensions(
  form: FormData,
  { upload, chunk, bytes, sha256, continues }: ChunkRequest,
  supports: Supports,
): void {
  const ticket = upload.session?.data?.ticket;
  if (supports('chunk_offset')) form.set('chunk_offset', String(chunk.end - bytes.size));
  if (supports('file_size')) form.set('file_size', String(upload.sizeBytes));
  if (supports('chunk_sha256') && sha256 !== null) form.set('chunk_sha256', sha256);
  if (supports('partial') && continues !== null) form.set('partial_sha256', continues);
  if (supports('ticket') && ticket) form.set('ticket', ticket);
}
