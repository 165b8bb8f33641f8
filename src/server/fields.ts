import * as v from 'valibot';
import { ApiError } from './errors.ts';
import { badField } from './forms.ts';

/** The upload types of the API. */
export const UPLOAD_TYPES: readonly string[] = ['zip', 'zip_no_qr', 'images', 'file'];

const text = v.pipe(v.string(), v.maxLength(64 * 1024));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const count = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/),
  v.transform((value) => Number(value)),
);
const common = {
  upload_type: word,
  task_id: v.optional(word),
  notes: v.optional(text),
  profile_id: v.optional(count),
  idempotency_key: v.optional(word),
  generation: v.optional(count, '0'),
};

const direct = v.object(common);
const chunk = v.object({
  ...common,
  chunk_index: count,
  total_chunks: v.pipe(count, v.minValue(1), v.maxValue(100_000)),
  filename: name,
  is_final_chunk: v.picklist(['true', 'false']),
  upload_id: v.optional(word),
  chunk_offset: v.optional(count),
  file_size: v.optional(count),
  chunk_sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  ticket: v.optional(word),
});

export type DirectFields = v.InferOutput<typeof direct>;
export type ChunkFields = v.InferOutput<typeof chunk>;

/** @throws ApiError that names the field. */
export function readDirectFields(fields: ReadonlyMap<string, string>): DirectFields {
  return checkTypes(read(direct, fields));
}

/** @throws ApiError that names the field. */
export function readChunkFields(fields: ReadonlyMap<string, string>): ChunkFields {
  const chunkFields = checkTypes(read(chunk, fields));
  if (chunkFields.chunk_index >= chunkFields.total_chunks) {
    throw new ApiError(400, 'index_out_of_range', 'chunk_index must be below total_chunks.', { field: 'chunk_index' });
  }
  return chunkFields;
}

function read<T>(schema: v.GenericSchema<unknown, T>, fields: ReadonlyMap<string, string>): T {
  const result = v.safeParse(schema, Object.fromEntries(fields));
  if (result.success) return result.output;
  const field = String(result.issues[0].path?.[0]?.key ?? 'form');
  throw badField(field, fields.has(field) ? 'has a value that is not allowed' : 'is missing');
}

function checkTypes<T extends { upload_type: string; task_id?: string | undefined }>(fields: T): T {
  const { upload_type: type, task_id: task } = fields;
  if (!UPLOAD_TYPES.includes(type)) {
    throw new ApiError(400, 'unknown_upload_type', `There is no upload type “${type}”.`, { field: 'upload_type' });
  }
  if ((type === 'zip_no_qr' || type === 'images') && !task) {
    throw new ApiError(400, 'task_id_required', 'Task ID required', { field: 'task_id' });
  }
  return fields;
}
