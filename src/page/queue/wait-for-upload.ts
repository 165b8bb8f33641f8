import type { Upload } from '../../shared/upload.ts';
import type { UploadStore } from './upload-store.ts';
import type { UploadView } from './upload-views.ts';

/**
 * Waits until a condition holds for an upload. Pends while its owner is signed out or the list is
 * not loaded.
 *
 * @param isMet gets undefined for a removed upload.
 * @param signal ends the wait: the promise rejects with its reason.
 */
export function waitForUpload(
  store: UploadStore,
  { id, ownerId }: Upload,
  isMet: (upload: UploadView | undefined) => boolean,
  signal?: AbortSignal,
): Promise<UploadView | undefined> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = store.subscribe(() => {
      // The list of another user, or a part of a list, does not show that the upload was removed.
      if (store.ownerId !== ownerId || !store.isLoaded) return;
      const upload = store.get(id);
      if (!isMet(upload)) return;
      // A microtask later, because the first call comes before `subscribe` returns `stop`.
      queueMicrotask(() => {
        stop();
        signal?.removeEventListener('abort', onAbort);
      });
      resolve(upload);
    });
    const onAbort = () => {
      stop();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
