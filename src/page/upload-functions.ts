import { UploadError } from '../shared/errors.ts';
import type { Progress } from '../shared/messages.ts';
import { checkRules, createMetadata, type Metadata } from '../shared/metadata.ts';
import type { BatchResponse } from '../shared/upload.ts';
import type { UploadClient } from './client.ts';

/** What the original told about progress: exact bytes, those that the server has acknowledged; `percentage` in 0..100. */
export interface ChunkUploadProgress {
  readonly chunksTotal: number;
  readonly chunksUploaded: number;
  readonly bytesUploaded: number;
  readonly bytesTotal: number;
  readonly percentage: number;
  readonly currentChunk: number;
}

type OnProgress = (progress: ChunkUploadProgress) => void;

/** The in-page uploader's two functions with its signatures, working through a client. */
export interface UploadFunctions {
  /** Queues one file; settles when the worker is done with it, which may take hours. */
  uploadFile(
    file: File,
    uploadType: string,
    taskId: string | null,
    notes: string | null,
    profileId: number | null,
    onProgress: OnProgress,
    signal?: AbortSignal,
  ): Promise<BatchResponse>;
  /** Queues images as one batch of at most 100 MiB. */
  uploadImages(
    files: File[],
    taskId: string,
    notes: string | null,
    profileId: number | null,
    onProgress: OnProgress,
    signal?: AbortSignal,
  ): Promise<BatchResponse>;
}

/** Makes `uploadFile` and `uploadImages` for code that called an in-page uploader before. */
export function createUploadFunctions(client: UploadClient): UploadFunctions {
  return {
    uploadFile(file, uploadType, taskId, notes, profileId, onProgress, signal) {
      const metadata = createMetadata({ uploadType, taskId, notes, profileId });
      return queueAndWait(client, file ? [file] : [], metadata, onProgress, signal);
    },
    uploadImages(files, taskId, notes, profileId, onProgress, signal) {
      const metadata = createMetadata({ uploadType: 'images', taskId, notes, profileId });
      return queueAndWait(client, files, metadata, onProgress, signal);
    },
  };
}

async function queueAndWait(
  client: UploadClient,
  files: readonly File[],
  metadata: Metadata,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<BatchResponse> {
  checkRules(files, metadata);
  if (signal?.aborted) throw new UploadError('cancelled', 'Upload cancelled');
  // The functions never queue for later what nobody is signed in for; `client.add` does.
  if (client.userId === null) throw new UploadError('no_token', 'No authentication token found');
  const [queued] = await client.add(files, metadata);
  if (!queued) throw new UploadError('unknown_upload', 'This upload was removed.');
  const cancel = () => void client.cancel(queued.id);
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const stop = client.subscribe((uploads) => {
    const view = uploads.find(({ id }) => id === queued.id);
    if (view) reportProgress(onProgress, view.progress);
  });
  try {
    return await client.whenCompleted(queued.id);
  } finally {
    stop();
    signal?.removeEventListener('abort', cancel);
  }
}

function reportProgress(onProgress: OnProgress, progress: Progress): void {
  const { chunksTotal, chunksUploaded, bytesAcknowledged: bytesUploaded, bytesTotal, currentChunk } = progress;
  const percentage = bytesTotal === 0 ? (chunksUploaded / chunksTotal) * 100 : (bytesUploaded / bytesTotal) * 100;
  try {
    onProgress({ chunksTotal, chunksUploaded, bytesUploaded, bytesTotal, percentage, currentChunk });
  } catch (error) {
    // The caller's fault, and the upload's no business: it is told like any error nobody caught.
    reportError(error);
  }
}
