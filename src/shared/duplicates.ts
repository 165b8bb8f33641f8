import type { AddFields } from './create-upload.ts';
import type { Upload } from './upload.ts';

/**
 * The files of which the queue has one already: same name, size, date and fields. What was cancelled or failed does not count.
 *
 * @param dated false where the files' dates are not known, as those of a form are not: then they do not count.
 */
export function findDuplicates(
  files: readonly File[],
  fields: AddFields,
  uploads: readonly Upload[],
  { dated = true } = {},
): File[] {
  const known = new Set<string>();
  for (const upload of uploads) {
    if (upload.status === 'cancelled' || upload.status === 'failed') continue;
    for (const { name, sizeBytes, modifiedAt } of upload.files) {
      known.add(createKey(name, sizeBytes, dated ? modifiedAt : 0, upload.fields));
    }
  }
  return files.filter(({ name, size, lastModified }) =>
    known.has(createKey(name, size, dated ? lastModified : 0, fields)),
  );
}

function createKey(name: string, sizeBytes: number, modifiedAt: number, fields: AddFields): string {
  const { uploadType, taskId = null, notes = null, profileId = null } = fields;
  return JSON.stringify([name, sizeBytes, modifiedAt, uploadType, taskId, notes, profileId]);
}
