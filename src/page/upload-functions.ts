import { UploadError } from '../shared/errors.ts';
import type { Progress } from '../shared/messages.ts';
import { checkBatchBytes, checkRules, createMetadata, isImageBatch, type Metadata } from '../shared/metadata.ts';
import { getTotalBytes } from '../shared/total-bytes.ts';
import type { BatchResponse } from '../shared/upload.ts';
import type { UploadClient } from './client.ts';

/**
 * The progress of `uploadFile` and `uploadImages`: acknowledged bytes; `percentage` from 0 to 100.
 */
export interface ChunkUploadProgress {
  readonly chunksTotal: number;
  readonly chunksUploaded: number;
  readonly bytesUploaded: number;
  readonly bytesTotal: number;
  readonly percentage: number;
  readonly currentChunk: number;
}

type OnProgress = (progress: ChunkUploadProgress) => void;

/** The two functions of an in-page uploader, with its signatures and error messages. */
export interface UploadFunctions {
  /** Queues one file, and settles when its upload is finished, which may take hours. */
  uploadFile(
    file: File,
    uploadType: string,
    taskId: string | null,
    notes: string | null,
    profileId: number | null,
    onProgress: OnProgress,
    signal?: AbortSignal,
  ): Promise<BatchResponse>;
  /**
   * Queues images as one batch, and settles like `uploadFile`. The batch has at most 100 MiB unless
   * the server is known to take more.
   */
  uploadImages(
    files: File[],
    taskId: string,
    notes: string | null,
    profileId: number | null,
    onProgress: OnProgress,
    signal?: AbortSignal,
  ): Promise<BatchResponse>;
}

/** Creates `uploadFile` and `uploadImages` for code that called an in-page uploader before. */
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
  checkRules(files.length, metadata);
  // An in-page uploader rejects such a batch at once, so an unknown server counts as basic.
  if (isImageBatch(metadata) && !(await client.supportsFileLists())) checkBatchBytes(getTotalBytes(files));
  if (signal?.aborted) throw new UploadError('cancelled', 'Upload cancelled');
  // Unlike `client.add`, these functions do not queue for a signed-out user.
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
    // An error of the caller's listener does not stop the upload. The browser reports it like any
    // uncaught error.
    reportError(error);
  }
}
