import type { BatchView, UploadClient, UploadView } from '../../page/index.ts';
import type { FileSource, ListedFile } from './paged-files.ts';

/** The files of an upload that is not on the server yet; null for a single file. */
export function createLocalSource({ contents }: UploadClient, { id, fileCount }: UploadView): FileSource | null {
  return fileCount > 1 ? { count: fileCount, read: (from, to) => contents.listFiles(id, from, to) } : null;
}

/**
 * The files of a batch on the server.
 *
 * @param onError called with the error of a read that failed.
 */
export function createBatchSource(
  { batches }: UploadClient,
  batch: BatchView,
  onError: (error: unknown) => void,
): FileSource {
  const { batch_id: id, files, file_count: count = files.length } = batch;
  let known: BatchView | null = batch;
  const readFiles = async (from: number, to: number) => {
    // A batch names its first files only. A server without file lists names all of them, and has no
    // route for a part.
    if (count > files.length) return batches.listFiles(id, from, to - from);
    const current = known ?? (await batches.get(id));
    known = null;
    return current.files.slice(from, to);
  };
  const read = async (from: number, to: number): Promise<ListedFile[]> => {
    const found = await readFiles(from, to).catch((error: unknown) => {
      onError(error);
      return [];
    });
    return found.map(({ name, path, size_bytes: sizeBytes, sha256 }) => ({ name, path, sizeBytes, sha256 }));
  };
  return { count, read };
}
