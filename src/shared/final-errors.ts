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

/** Whether an upload that failed with this code was refused for good: no retry can help. */
export function isFinalError(code: string): boolean {
  return FINAL_CODES.has(code);
}
