import type { Metadata } from './metadata.ts';
import { getTotalBytes } from './total-bytes.ts';
import type { FileInfo, Upload } from './upload.ts';

/** Creates the record of an upload, before anything is staged. */
export function createUpload(files: readonly File[], metadata: Metadata, ownerId: string): Upload {
  return {
    id: crypto.randomUUID(),
    ownerId,
    metadata,
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
