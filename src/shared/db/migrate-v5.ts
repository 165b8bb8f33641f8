import { MAX_FILES_IN_RECORD } from '../create-upload.ts';
import type { Upload } from '../upload.ts';

/** The record of version 5 for one of version 4, which named all files. */
export function limitFiles(stored: Upload): Upload {
  const fileCount = stored.files.length;
  const record = { ...stored, files: stored.files.slice(0, MAX_FILES_IN_RECORD), fileCount };
  return fileCount > 1 ? { ...record, hasPiecesPerFile: true } : record;
}
