import { getErrorMessage, UploadError } from '../errors.ts';
import type { Upload } from '../upload.ts';
import { type FilePart, sliceFile } from './concatenation.ts';
import { getFreeBytes } from './device-storage.ts';

/**
 * @throws UploadError `storage_full` with both numbers if the browser says that these bytes do not
 * fit.
 */
export async function checkFreeSpace(sizeBytes: number): Promise<void> {
  const free = await getFreeBytes();
  if (sizeBytes <= free) return;
  const text = `There is room for ${formatMegabytes(free)} on this device, and this needs ${formatMegabytes(sizeBytes)}.`;
  throw new UploadError('storage_full', `${text} Free some storage, or wait until other uploads are finished.`);
}

/** Whether an engine refused to store a Blob in its database. */
export function isBlobRefused(error: unknown): boolean {
  return getErrorMessage(error).includes('preparing Blob') || getErrorName(error) === 'DataCloneError';
}

/**
 * Explains why pieces could not be staged. The error alone is ambiguous: a transaction without
 * room mostly reports that it was aborted, and engines name a file that changed on disk
 * differently. Therefore this reads the parts.
 */
export async function createStagingError(
  error: unknown,
  upload: Upload,
  parts: readonly FilePart[],
): Promise<UploadError> {
  if (error instanceof UploadError) return error;
  for (const part of parts) {
    const readError = await sliceFile(part)
      .arrayBuffer()
      .then(
        () => null,
        (cause: unknown) => ({ cause }),
      );
    if (!readError) continue;
    const text = `“${part.file.name}” could not be read: it was moved, changed or is not on this device.`;
    return new UploadError('unreadable_file', `${text} Choose it again.`, readError);
  }
  const name = parts[0]?.file.name ?? '';
  const [free, needed] = [await getFreeBytes(), upload.sizeBytes - upload.stagedBytes];
  // Some browsers report a rounded number. One that contradicts the failure would confuse.
  const numbers = free < needed ? `, and ${formatMegabytes(free)} are free` : '';
  const text = `The browser has no room left for “${name}”: it needs ${formatMegabytes(needed)}${numbers}.`;
  return new UploadError('storage_full', `${text} Free some storage and try again.`, { cause: error });
}

/** The error for files that differ from those the user chose before. */
export function createDifferentFileError(upload: Upload): UploadError {
  const others = upload.fileCount - 1;
  const names = `“${upload.files[0]?.name ?? ''}”${others > 0 ? ` and ${others} more` : ''}`;
  return new UploadError('different_file', `This is not the file that was chosen before. Choose ${names}.`);
}

function getErrorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
