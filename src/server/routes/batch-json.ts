import type { Batch } from '../store/upload-store.ts';
import { SINGLE_FILE, toMetadataJson, type UploadTypes } from '../uploads/upload-types.ts';

/** A batch as the API returns it. */
export function toBatchJson(batch: Batch, uploadTypes: UploadTypes): Record<string, unknown> {
  const { batchId, uploadType, metadata, key, createdAt, files } = batch;
  return {
    batch_id: batchId,
    upload_type: uploadType,
    // A type that was removed from the server still has batches.
    ...toMetadataJson(uploadTypes[uploadType] ?? SINGLE_FILE, metadata),
    ...(key !== null && { idempotency_key: key }),
    created_at: new Date(createdAt).toISOString(),
    files: files.map(({ name, sizeBytes, sha256 }) => ({ name, size_bytes: sizeBytes, sha256 })),
  };
}
