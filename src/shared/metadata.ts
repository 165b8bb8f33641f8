import { MAX_REQUEST_BYTES } from './chunks.ts';
import { UploadError } from './errors.ts';

/**
 * Describes an upload to the server: the value of each form field by its name. Requests omit absent
 * fields.
 */
export type Metadata = Readonly<Record<string, string>>;

/** Which requests of an upload carry a form field. */
type FieldScope = 'every-request' | 'final-request';

/** The form fields of the basic level. Requests carry no metadata under other names. */
const FORM_FIELDS: Readonly<Record<string, FieldScope>> = {
  upload_type: 'every-request',
  task_id: 'every-request',
  notes: 'final-request',
  profile_id: 'final-request',
};

/** The metadata that one request carries, as pairs of form field name and value. */
export function listFormFields(metadata: Metadata, { isFinal }: { readonly isFinal: boolean }): [string, string][] {
  const isCarried = ([name]: [string, string]) =>
    FORM_FIELDS[name] === 'every-request' || (isFinal && FORM_FIELDS[name] === 'final-request');
  return Object.entries(metadata).filter(isCarried);
}

/**
 * The basic level's fields as arguments of `uploadFile` and `uploadImages`; null or a missing key
 * means not sent.
 */
export interface BasicFields {
  readonly uploadType: string;
  readonly taskId?: string | null;
  readonly notes?: string | null;
  readonly profileId?: number | null;
}

/**
 * Maps the basic level's fields to metadata. Profile 0 and empty notes are values, so they are
 * sent.
 */
export function createMetadata({ uploadType, taskId, notes, profileId }: BasicFields): Metadata {
  const fields = { upload_type: uploadType, task_id: taskId, notes, profile_id: profileId };
  const present = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}

/** Whether these files are images that become one batch. The basic level has no chunks for it. */
export function isImageBatch(metadata: Metadata): boolean {
  return metadata.upload_type === 'images';
}

/** Whether the upload type requires a task id. */
export function requiresTaskId(metadata: Metadata): boolean {
  return metadata.upload_type === 'zip_no_qr' || isImageBatch(metadata);
}

/**
 * The rules of the basic level that hold for every server, in the words and the order of its
 * in-page uploader.
 *
 * @throws UploadError `no_file`, `task_id_required`.
 */
export function checkRules(fileCount: number, metadata: Metadata): void {
  if (fileCount === 0) throw new UploadError('no_file', 'No file provided');
  if (requiresTaskId(metadata) && !metadata.task_id) throw new UploadError('task_id_required', 'Task ID required');
}

/**
 * The rule for a batch that one request has to carry.
 *
 * @throws UploadError `batch_too_large`.
 */
export function checkBatchBytes(sizeBytes: number): void {
  if (sizeBytes > MAX_REQUEST_BYTES) throw new UploadError('batch_too_large', 'Batch size too large');
}
