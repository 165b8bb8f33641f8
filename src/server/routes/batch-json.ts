import type { Batch } from '../store/upload-store.ts';
import { countFiles, type FileLists, type ListedFile } from '../uploads/file-lists.ts';
import { SINGLE_FILE, toMetadataJson, type UploadTypes } from '../uploads/upload-types.ts';

/** The most files that the JSON of a batch contains. */
const MAX_FILES = 100;

/** The parts of a server that the JSON of a batch needs. */
export interface BatchJsonContext {
  readonly fileLists: FileLists;
  readonly uploadTypes: UploadTypes;
}

/** A batch as the API returns it, with its first files. */
export async function toBatchJson(
  batch: Batch,
  { fileLists, uploadTypes }: BatchJsonContext,
): Promise<Record<string, unknown>> {
  const { batchId, uploadType, metadata, key, createdAt } = batch;
  return {
    batch_id: batchId,
    upload_type: uploadType,
    // A type that was removed from the server still has batches.
    ...toMetadataJson(uploadTypes[uploadType] ?? SINGLE_FILE, metadata),
    ...(key !== null && { idempotency_key: key }),
    created_at: new Date(createdAt).toISOString(),
    files: (await fileLists.read(batch, 0, MAX_FILES)).map(toFileJson),
    file_count: countFiles(batch),
  };
}

/** A file of a batch as the API returns it. */
export function toFileJson({ name, path, type, sizeBytes, modifiedAt, sha256 }: ListedFile): Record<string, unknown> {
  return { name, path, type, size_bytes: sizeBytes, modified_at: modifiedAt, sha256 };
}
