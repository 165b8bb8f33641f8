import { createUpload } from '../shared/create-upload.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import { type PickedFile, toFile, toFileInfo } from '../shared/file-info.ts';
import { supportsFileLists } from '../shared/http/features.ts';
import { checkFileList } from '../shared/http/file-list.ts';
import { checkBatchBytes, isImageBatch, type Metadata } from '../shared/metadata.ts';
import { checkFreeSpace } from '../shared/staging/staging-errors.ts';
import { mapInTasks } from '../shared/tasks.ts';
import type { FileInfo } from '../shared/upload.ts';
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

/** A chosen file with its facts. */
interface Chosen {
  readonly file: File;
  readonly info: FileInfo;
}

/**
 * Queues files and starts to stage them: images as one upload, other types as one upload per file.
 *
 * @throws UploadError `invalid_option`, `batch_too_large`, `upload_too_large`, `too_many_files`,
 * `storage_full`.
 */
export async function addUploads(
  { db, store, staging }: AddDependencies,
  picked: readonly PickedFile[],
  metadata: Metadata,
  ownerId: string,
): Promise<UploadView[]> {
  const chosen = await mapInTasks(picked, (one): Chosen => ({ file: toFile(one), info: toFileInfo(one) }));
  const sizeBytes = chosen.reduce((sum, { info }) => sum + info.sizeBytes, 0);
  const profile = await db.settings.getCurrentProfile();
  if (isImageBatch(metadata)) {
    // The worker fails a batch that an unknown server does not take.
    if (profile && supportsFileLists(profile) === false) checkBatchBytes(sizeBytes);
    checkFileList(chosen.map(({ info }) => info));
  }
  const groups = isImageBatch(metadata) ? [chosen] : chosen.map((one) => [one]);
  for (const group of groups) checkUploadBytes(group, profile?.maxUploadBytes ?? null);
  await checkFreeSpace(sizeBytes);
  requestPersistence();
  const views: UploadView[] = [];
  for (const group of groups) {
    const files = group.map(({ info }) => info);
    const upload = await db.add(createUpload(files, metadata, ownerId), files);
    void staging.start(
      upload.id,
      group.map(({ file }) => file),
    );
    await store.apply(upload.id, upload);
    const progress = createProgress(upload, []);
    const noProblem = { lastCause: null, serverProblem: null };
    views.push({ ...upload, progress, closeForecast: { kind: 'staging' }, ...noProblem });
  }
  return views;
}

function checkUploadBytes(group: readonly Chosen[], maxBytes: number | null): void {
  const sizeBytes = group.reduce((sum, { info }) => sum + info.sizeBytes, 0);
  if (maxBytes === null || sizeBytes <= maxBytes) return;
  const message = `“${group[0]?.info.name}” is too large: this server accepts ${maxBytes} bytes at most.`;
  throw new UploadError('upload_too_large', message);
}
