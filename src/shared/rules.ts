import { REQUEST_BYTES } from './chunks.ts';
import { UploadError } from './errors.ts';
import type { FileFacts, Upload, UploadFields } from './upload.ts';

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
  const sizeBytes = sizeOf(files);
  if (fields.uploadType === 'images' && sizeBytes > REQUEST_BYTES) {
    throw new UploadError('batch_too_large', 'Batch size too large');
  }
}

/** Of all files together, in bytes. */
export function sizeOf(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** The record of files as they are queued. */
export function newUpload(files: readonly File[], fields: AddFields, ownerId: string): Upload {
  const { uploadType, taskId = null, notes = null, profileId = null } = fields;
  const known: UploadFields = { uploadType, taskId, notes, profileId };
  return {
    id: crypto.randomUUID(),
    ownerId,
    fields: known,
    files: files.map(factsOf),
    sizeBytes: sizeOf(files),
    stagedBytes: 0,
    queuedAt: Date.now(),
    rank: 0,
    generation: 0,
    plan: null,
    session: null,
    failures: 0,
    restarted: false,
    completing: false,
    status: 'staging',
  };
}

function factsOf({ name, type, size, lastModified }: File): FileFacts {
  return { name, type, sizeBytes: size, modifiedAt: lastModified };
}
