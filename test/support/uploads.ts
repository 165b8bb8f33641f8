import type { Upload, UploadBase } from '../../src/shared/upload.ts';

/** A queued upload of one empty file, but for what is said. */
export function createUpload(facts: Partial<UploadBase> = {}): Upload {
  const { sizeBytes = 0 } = facts;
  return {
    id: crypto.randomUUID(),
    ownerId: 'ada',
    fields: { uploadType: 'file', taskId: null, notes: null, profileId: null },
    files: [{ name: 'a.bin', type: '', sizeBytes, modifiedAt: 0 }],
    sizeBytes,
    stagedBytes: sizeBytes,
    queuedAt: Date.now(),
    rank: 0,
    generation: 0,
    plan: null,
    session: null,
    failures: 0,
    restarted: false,
    mayHaveCompleted: false,
    ...facts,
    status: 'queued',
  };
}
