import { createUpload } from '../shared/create-upload.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { isImageBatch, type Metadata } from '../shared/metadata.ts';
import { checkFreeSpace } from '../shared/staging/staging-errors.ts';
import { getTotalBytes } from '../shared/total-bytes.ts';
import { createProgress } from './queue/progress.ts';
import type { UploadStore } from './queue/upload-store.ts';
import type { UploadView } from './queue/upload-views.ts';
import { requestPersistence } from './staging/persist.ts';
import type { StagingManager } from './staging/staging-manager.ts';

/** The dependencies of `addUploads`. */
interface AddDependencies {
  readonly db: UploadsDb;
  readonly store: UploadStore;
  readonly staging: StagingManager;
}

/**
 * Queues files and starts to stage them: images as one upload, other types as one upload per file.
 *
 * @throws UploadError `storage_full`.
 */
export async function addUploads(
  { db, store, staging }: AddDependencies,
  files: readonly File[],
  metadata: Metadata,
  ownerId: string,
): Promise<UploadView[]> {
  await checkFreeSpace(getTotalBytes(files));
  requestPersistence();
  const views: UploadView[] = [];
  for (const group of isImageBatch(metadata) ? [files] : files.map((file) => [file])) {
    const upload = await db.add(createUpload(group, metadata, ownerId));
    staging.start(upload.id, group);
    await store.apply(upload.id, upload);
    views.push({ ...upload, progress: createProgress(upload, []), closeForecast: { kind: 'staging' } });
  }
  return views;
}
