import { getErrorMessage, UploadError } from '../errors.ts';
import type { Upload } from '../upload.ts';
import { getFreeBytes } from './device-storage.ts';
import type { Piece } from './pieces.ts';

/** @throws UploadError `storage_full` with the numbers when the browser says that so much does not fit. */
export async function checkFreeSpace(sizeBytes: number): Promise<void> {
  const free = await getFreeBytes();
  if (sizeBytes <= free) return;
  const text = `There is room for ${formatMegabytes(free)} on this device, and this needs ${formatMegabytes(sizeBytes)}.`;
  throw new UploadError('storage_full', `${text} Free some storage, or wait until other uploads have arrived.`);
}

/** True where the engine does not take Blobs into its database, now or ever. */
export function isBlobRefused(error: unknown): boolean {
  return getErrorMessage(error).includes('preparing Blob') || getErrorName(error) === 'DataCloneError';
}

/**
 * What it means that pieces could not be copied. The error itself does not always tell: a transaction that ran out of room
 * says mostly that it was aborted, and engines differ in what they call a file that changed on disk. So the file is read.
 */
export async function createStagingError(
  error: unknown,
  upload: Upload,
  batch: readonly Piece[],
  slices: readonly Blob[],
): Promise<UploadError> {
  if (error instanceof UploadError) return error;
  const name = upload.files[batch[0]?.fileIndex ?? 0]?.name ?? '';
  const unreadable = await Promise.all(slices.map((slice) => slice.arrayBuffer())).then(() => null, getReason);
  if (unreadable !== null) {
    const text = `“${name}” could not be read: it was moved, changed or is not on this device (${unreadable}).`;
    return new UploadError('unreadable_file', `${text} Choose it again.`, { cause: error });
  }
  const [free, needed] = [await getFreeBytes(), upload.sizeBytes - upload.stagedBytes];
  // Browsers may answer a round number that hides what is really free: one that contradicts the failure helps nobody.
  const numbers = free < needed ? `, and ${formatMegabytes(free)} are free` : '';
  const text = `The browser has no room left for “${name}”: ${formatMegabytes(needed)} were to be copied${numbers}.`;
  return new UploadError('storage_full', `${text} Free some storage and try again.`, { cause: error });
}

/** The error for a file that is not the one chosen before. */
export function createDifferentFileError(upload: Upload): UploadError {
  const names = upload.files.map(({ name }) => name).join(', ');
  return new UploadError('different_file', `This is not the file that was chosen before (${names}).`);
}

function getErrorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function getReason(error: unknown): string {
  return getErrorName(error) || getErrorMessage(error);
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
