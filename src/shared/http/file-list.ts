import type { Chunk } from '../chunks.ts';
import type { UploadsDb } from '../db/uploads-db.ts';
import { UploadError } from '../errors.ts';
import { isImageBatch } from '../metadata.ts';
import type { FileInfo, Upload } from '../upload.ts';

/** Most files of one upload. */
export const MAX_FILES = 100_000;
/** Largest list of files, as JSON. */
const MAX_FILE_LIST_BYTES = 16 * 1024 * 1024;
/** JSON has no dates; a date outside these years has another form in ISO 8601. */
const MAX_DATE_MS = Date.UTC(9999, 11, 31);

/** Whether the chunks of an upload need a list of its files. */
export function hasFileList({ fileCount, metadata }: Upload): boolean {
  return fileCount !== 1 || isImageBatch(metadata);
}

/**
 * The body of the form part `file_list`, which chunk 0 of an upload of many files carries; null for
 * other chunks.
 */
export async function readFileList(db: UploadsDb, upload: Upload, chunk: Chunk): Promise<Blob | null> {
  if (chunk.index !== 0 || !hasFileList(upload)) return null;
  return createFileList(await db.listFiles(upload));
}

/** @throws UploadError `too_many_files` if a server would reject the list. */
export function checkFileList(files: readonly FileInfo[]): void {
  if (files.length <= MAX_FILES && createFileList(files).size <= MAX_FILE_LIST_BYTES) return;
  const text = `One batch has at most ${MAX_FILES} files, and 16 MiB of names and paths.`;
  throw new UploadError('too_many_files', `${text} Add the files in several batches.`);
}

function createFileList(files: readonly FileInfo[]): Blob {
  return new Blob([JSON.stringify(files.map(toJson))], { type: 'application/json' });
}

function toJson({ name, path, type, sizeBytes, modifiedAt }: FileInfo) {
  const date = new Date(Math.min(Math.max(0, modifiedAt), MAX_DATE_MS));
  return { name, path, type, size_bytes: sizeBytes, modified_at: date.toISOString() };
}
