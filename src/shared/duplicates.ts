import type { Metadata } from './metadata.ts';
import type { Upload } from './upload.ts';

/**
 * Finds files that the queue already holds, by name, size, date and metadata. Cancelled and failed
 * uploads do not count.
 *
 * @param dated false ignores the dates, because files in a form have none.
 */
export function findDuplicates(
  files: readonly File[],
  metadata: Metadata,
  uploads: readonly Upload[],
  { dated = true } = {},
): File[] {
  const known = new Set<string>();
  for (const upload of uploads) {
    if (upload.status === 'cancelled' || upload.status === 'failed') continue;
    for (const { name, sizeBytes, modifiedAt } of upload.files) {
      known.add(createKey(name, sizeBytes, dated ? modifiedAt : 0, upload.metadata));
    }
  }
  return files.filter(({ name, size, lastModified }) =>
    known.has(createKey(name, size, dated ? lastModified : 0, metadata)),
  );
}

function createKey(name: string, sizeBytes: number, modifiedAt: number, metadata: Metadata): string {
  return JSON.stringify([name, sizeBytes, modifiedAt, Object.entries(metadata).sort()]);
}
