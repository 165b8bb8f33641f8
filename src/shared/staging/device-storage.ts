// WebKitGTK has no StorageManager unless its Storage API is enabled; lib.dom declares it
// everywhere.
const storage: StorageManager | undefined = navigator.storage;

/** The free storage that the browser reports, in bytes; infinite if it reports none. */
export async function getFreeBytes(): Promise<number> {
  const { quota = Number.POSITIVE_INFINITY, usage = 0 } = (await storage?.estimate()) ?? {};
  return Math.max(0, quota - usage);
}

/**
 * Whether slices of a file can be stored without a copy. WebKit stores the whole file instead of
 * the slice, and reads it from its beginning once the slice object is gone: every piece then has
 * the bytes of the first one. A page notices too late. Only engines with Background Sync are
 * trusted, because their slices are known to be stored correctly.
 */
export const canStoreSlices = 'SyncManager' in globalThis;
