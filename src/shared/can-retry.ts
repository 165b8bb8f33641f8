import type { Upload } from './upload.ts';

/** The codes of failures that the same upload would have again. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'bad_field',
  'bad_file_list',
  'batch_too_large',
  'guest_limit',
  'task_id_required',
  'too_many_files',
  'unknown_upload_type',
  'upload_too_large',
]);

/** Whether an upload has failed, and was not refused for good. */
export function canRetry(upload: Upload): boolean {
  return upload.status === 'failed' && !FINAL_CODES.has(upload.code);
}
