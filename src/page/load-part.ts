import { UploadError } from '../shared/errors.ts';

/**
 * Waits for a part of the app that few pages need.
 *
 * @param part the promise of its `import()`.
 * @throws UploadError `network` if it cannot be loaded.
 */
export async function loadPart<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (cause) {
    throw new UploadError('network', 'The server could not be reached.', { cause });
  }
}
