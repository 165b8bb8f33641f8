import { MAX_REQUEST_BYTES } from './chunks.ts';
import { UploadError } from './errors.ts';
import type { FileInfo, Upload, UploadFields } from './upload.ts';

/** What a caller says about files; what is left out is not sent. */
export interface AddFields {
  readonly uploadType: string;
  readonly taskId?: string | null;
  readonly notes?: string | null;
  readonly profileId?: number | null;
}

/**
 * The rules of the original, in its words and order.
 *
 * @throws UploadError `no_file`, `task_id_required`, `batch_too_large`.
 */
export function checkRules(files: readonly File[], fields: AddFields): void {
  if (files.length === 0) throw new UploadError('no_file', 'No file provided');
  const needsTask = fields.uploadType === 'zip_no_qr' || fields.uploadType === 'images';
  if (needsTask && !fields.taskId) throw new UploadError('task_id_required', 'Task ID required');
  const sizeBytes = getTotalBytes(files);
  if (fields.uploadType === 'images' && sizeBytes > MAX_REQUEST_BYTES) {
    throw new UploadError('batch_too_large', 'Batch size too large');
  }
}

/** Of all files together, in bytes. */
export function getTotalBytes(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** The record of files as they are queued. */
export function createUpload(files: readonly File[], fields: AddFields, ownerId: string): Upload {
  const { uploadType, taskId = null, notes = null, profileId = null } = fields;
  const known: UploadFields = { uploadType, taskId, notes, profileId };
  return {
    id: crypto.randomUUID(),
    ownerId,
    fields: known,
    files: files.map(toFileInfo),
    sizeBytes: getTotalBytes(files),
    stagedBytes: 0,
    queuedAt: Date.now(),
    rank: 0,
    generation: 0,
    plan: null,
    session: null,
    failures: 0,
    restarted: false,
    mayHaveCompleted: false,
    status: 'staging',
  };
}

function toFileInfo({ name, type, size, lastModified }: File): FileInfo {
  return { name, type, sizeBytes: size, modifiedAt: lastModified };
}
