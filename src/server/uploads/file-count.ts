import { ApiError, badField } from '../errors.ts';

/** The fields of a chunk that an upload of many files needs. */
interface FileCountFields {
  readonly fileCount: number | null;
  readonly key: string | null;
  readonly offset: number | null;
  readonly fileSize: number | null;
}

const MAX_FILES = 100_000;

/**
 * Checks the fields of an upload of many files.
 *
 * @throws ApiError 400 that names the field; 422 `too_many_files`.
 */
export function checkFileCount({ fileCount, key, offset, fileSize }: FileCountFields): void {
  if (fileCount === null) return;
  if (fileCount === 0) throw badField('file_count', 'must be at least 1');
  if (fileCount > MAX_FILES) throw tooManyFiles(`An upload has at most ${MAX_FILES} files.`);
  const required = { idempotency_key: key, chunk_offset: offset, file_size: fileSize };
  for (const [field, value] of Object.entries(required)) if (value === null) throw badField(field, 'is missing');
}

export function tooManyFiles(limit: string): ApiError {
  return new ApiError(422, 'too_many_files', `${limit} Send the files as several uploads.`);
}
