import * as v from 'valibot';
import { ApiError, badField } from '../errors.ts';
import type { Metadata } from '../store/upload-store.ts';
import { checkFileCount } from './file-count.ts';
import { getUploadType, parseMetadata, type UploadType, type UploadTypes } from './upload-types.ts';

/** The longest name that common file systems store. */
export const MAX_NAME_LENGTH = 255;

/** The rules for the forms of a server. */
export interface FieldRules {
  /** At the basic level, fields of extensions are ignored like unknown ones. */
  readonly hasExtensions: boolean;
  readonly uploadTypes: UploadTypes;
  readonly maxChunks: number;
}

/** The fields of a whole request. */
export interface UploadFields {
  /** The name of the only file, as no form has changed it; null if it is not sent. */
  readonly exactName: string | null;
  readonly uploadType: string;
  readonly type: UploadType;
  readonly metadata: Metadata;
  /** The idempotency key. */
  readonly key: string | null;
}

/** The fields of a chunk. */
export interface ChunkFields extends UploadFields {
  readonly sessionId: string | null;
  readonly generation: number | null;
  readonly index: number;
  readonly totalChunks: number;
  readonly isFinal: boolean;
  readonly filename: string;
  readonly offset: number | null;
  readonly fileSize: number | null;
  readonly sha256: string | null;
  /**
   * The digest of the kept bytes that the chunk continues. Empty when the client knows of no kept
   * bytes, null when it does not say.
   */
  readonly partialSha256: string | null;
  /** The number of files that the upload concatenates; null for an upload of one file. */
  readonly fileCount: number | null;
}

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME_LENGTH));
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const count = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/),
  v.transform((value) => Number(value)),
);
const digest = v.pipe(v.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{64}$/));

const encodedName = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return decodeURIComponent(dataset.value);
    } catch {
      addIssue({ message: 'is not percent-encoded UTF-8' });
      return NEVER;
    }
  }),
  name,
);

const basicUpload = { upload_type: word };
const basicChunk = {
  chunk_index: count,
  total_chunks: v.pipe(count, v.minValue(1)),
  // A form doubles each line break of a name.
  filename: v.pipe(v.string(), v.minLength(1), v.maxLength(2 * MAX_NAME_LENGTH)),
  is_final_chunk: v.picklist(['true', 'false']),
  upload_id: v.nullish(word, null),
};
const extendedUpload = {
  idempotency_key: v.nullish(word, null),
  generation: v.nullish(count, null),
  encoded_filename: v.nullish(encodedName, null),
};
const extendedChunk = {
  chunk_offset: v.nullish(count, null),
  file_size: v.nullish(count, null),
  chunk_sha256: v.nullish(digest, null),
  partial_sha256: v.nullish(v.union([v.literal(''), digest]), null),
  file_count: v.nullish(count, null),
  ticket: v.nullish(word, null),
};

const uploadForm = v.object({ ...basicUpload, ...extendedUpload });
const chunkForm = v.object({ ...basicUpload, ...extendedUpload, ...basicChunk, ...extendedChunk });
const extensionFields = [...Object.keys(extendedUpload), ...Object.keys(extendedChunk)];

/** @throws ApiError 400 that names the field. */
export function parseUploadFields(fields: ReadonlyMap<string, string>, rules: FieldRules): UploadFields {
  const form = parse(uploadForm, fields, rules);
  const { upload_type: uploadType, idempotency_key: key, encoded_filename: exactName } = form;
  const type = getUploadType(rules.uploadTypes, uploadType);
  return { uploadType, type, metadata: parseMetadata(type, fields), key, exactName };
}

/** @throws ApiError 400 that names the field. */
export function parseChunkFields(fields: ReadonlyMap<string, string>, rules: FieldRules): ChunkFields {
  const form = parse(chunkForm, fields, rules);
  const { chunk_index: index, total_chunks: totalChunks } = form;
  const upload = parseUploadFields(fields, rules);
  if (totalChunks > rules.maxChunks) throw badField('total_chunks', `must be at most ${rules.maxChunks}`);
  if (index >= totalChunks) {
    throw new ApiError(400, 'index_out_of_range', 'chunk_index must be below total_chunks.', { field: 'chunk_index' });
  }
  const { chunk_offset: offset, file_size: fileSize, file_count: fileCount } = form;
  const filename = upload.exactName ?? form.filename;
  if (filename.length > MAX_NAME_LENGTH) throw badField('filename', 'is not valid');
  checkFileCount({ fileCount, key: upload.key, offset, fileSize });
  return {
    ...upload,
    sessionId: form.upload_id,
    generation: form.generation,
    index,
    totalChunks,
    isFinal: form.is_final_chunk === 'true',
    filename,
    offset,
    fileSize,
    sha256: form.chunk_sha256,
    partialSha256: form.partial_sha256,
    fileCount,
  };
}

function parse<T>(schema: v.GenericSchema<unknown, T>, fields: ReadonlyMap<string, string>, rules: FieldRules): T {
  const known = [...fields].filter(([field]) => rules.hasExtensions || !extensionFields.includes(field));
  const result = v.safeParse(schema, Object.fromEntries(known));
  if (result.success) return result.output;
  const field = String(result.issues[0].path?.[0]?.key ?? 'form');
  throw badField(field, fields.has(field) ? 'is not valid' : 'is missing');
}
