import type { Metadata } from './metadata.ts';
import type { FileInfo, Upload } from './upload.ts';

/**
 * The files at the start of an upload that its record names. The record is written with every
 * receipt, so it stays small; the file list has a store of its own.
 */
export const MAX_FILES_IN_RECORD = 20;

/** Creates the record of an upload with these files, before anything is staged. */
export function createUpload(files: readonly FileInfo[], metadata: Metadata, ownerId: string): Upload {
  return {
    id: crypto.randomUUID(),
    ownerId,
    metadata,
    files: files.slice(0, MAX_FILES_IN_RECORD),
    fileCount: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
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
