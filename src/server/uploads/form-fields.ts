import * as v from 'valibot';
import { ApiError, badField } from '../errors.ts';

/** The upload types a server takes unless it is told others. */
export const UPLOAD_TYPES: readonly string[] = ['zip', 'zip_no_qr', 'images', 'file'];

/** As long as file systems let a name be. */
export const MAX_NAME_LENGTH = 255;

/** What is accepted beyond the shape of the fields. */
export interface FieldRules {
  /** At basic level the fields beyond the original form are as unknown as any other, and as little looked at. */
  readonly hasExtensions: boolean;
  readonly uploadTypes: readonly string[];
  readonly maxChunks: number;
}

const text = v.pipe(v.string(), v.maxLength(64 * 1024));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME_LENGTH));
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const count = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/),
  v.transform((value) => Number(value)),
);
const basicCommon = {
  upload_type: word,
  task_id: v.optional(v.pipe(v.string(), v.maxLength(200))),
  notes: v.optional(text),
  profile_id: v.optional(count),
};
const extendedCommon = { idempotency_key: v.optional(word), generation: v.optional(count) };
const basicChunk = {
  chunk_index: count,
  total_chunks: v.pipe(count, v.minValue(1)),
  filename: name,
  is_final_chunk: v.picklist(['true', 'false']),
  upload_id: v.optional(word),
};
const extendedChunk = {
  chunk_offset: v.optional(count),
  file_size: v.optional(count),
  chunk_sha256: v.optional(v.pipe(v.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{64}$/))),
  ticket: v.optional(word),
};

const direct = v.object({ ...basicCommon, ...extendedCommon });
const chunk = v.object({ ...basicCommon, ...extendedCommon, ...basicChunk, ...extendedChunk });
const extensionFields = [...Object.keys(extendedCommon), ...Object.keys(extendedChunk)];

export type DirectFields = v.InferOutput<typeof direct>;
export type ChunkFields = v.InferOutput<typeof chunk>;

/** @throws ApiError that names the field. */
export function readDirectFields(fields: ReadonlyMap<string, string>, rules: FieldRules): DirectFields {
  return checkTypes(read(direct, fields, rules), rules);
}

/** @throws ApiError that names the field. */
export function readChunkFields(fields: ReadonlyMap<string, string>, rules: FieldRules): ChunkFields {
  const chunkFields = checkTypes(read(chunk, fields, rules), rules);
  const { chunk_index: index, total_chunks: total } = chunkFields;
  if (total > rules.maxChunks) throw badField('total_chunks', `may be ${rules.maxChunks} at most`);
  if (index < total) return chunkFields;
  throw new ApiError(400, 'index_out_of_range', 'chunk_index must be below total_chunks.', { field: 'chunk_index' });
}

function read<T>(schema: v.GenericSchema<unknown, T>, fields: ReadonlyMap<string, string>, rules: FieldRules): T {
  const known = [...fields].filter(([field]) => rules.hasExtensions || !extensionFields.includes(field));
  const result = v.safeParse(schema, Object.fromEntries(known));
  if (result.success) return result.output;
  const field = String(result.issues[0].path?.[0]?.key ?? 'form');
  throw badField(field, fields.has(field) ? 'has a value that is not allowed' : 'is missing');
}

function checkTypes<T extends { upload_type: string; task_id?: string | undefined }>(fields: T, rules: FieldRules): T {
  const { upload_type: type, task_id: task } = fields;
  if (!rules.uploadTypes.includes(type)) {
    throw new ApiError(400, 'unknown_upload_type', `There is no upload type “${type}”.`, { field: 'upload_type' });
  }
  if ((type === 'zip_no_qr' || type === 'images') && !task) {
    throw new ApiError(400, 'task_id_required', 'Task ID required', { field: 'task_id' });
  }
  return fields;
}
