// WebKitGTK has none unless its Storage API is switched on; lib.dom says everybody has it.
const storage: StorageManager | undefined = navigator.storage;

/** How many bytes the browser says may still be stored; infinitely many where it does not say. */
export async function getFreeBytes(): Promise<number> {
  const { quota = Number.POSITIVE_INFINITY, usage = 0 } = (await storage?.estimate()) ?? {};
  return Math.max(0, quota - usage);
}

/**
 * Whether a slice of a file may be stored as it is. WebKit stores the whole file in its place and reads from the file's beginning
 * once the slice itself is gone, so that every piece arrives as the first one. A page cannot tell before it is too late: only the
 * engine whose slices are known to be kept is trusted, which is the one that has Background Sync.
 */
export const canStoreSlices = 'SyncManager' in globalThis;
