export interface StorageStatus {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** Whether the browser keeps the storage when the device runs out of space. */
  readonly persisted: boolean;
}

/** Whether the browser fires `sync` after the app is closed. */
export function hasBackgroundSync(): boolean {
  return 'serviceWorker' in navigator && 'sync' in ServiceWorkerRegistration.prototype;
}

export function hasBackgroundFetch(): boolean {
  return 'BackgroundFetchManager' in globalThis;
}

/** The permission for notifications; `denied` in browsers without notifications. */
export function getNotificationPermission(): NotificationPermission {
  return globalThis.Notification?.permission ?? 'denied';
}

/** Asks the user for the permission, unless they have already decided. */
export async function requestNotificationPermission(): Promise<void> {
  if (getNotificationPermission() === 'default') await Notification.requestPermission();
}

/** Reads the use of the storage; null if the browser does not report it. */
export async function readStorageStatus(): Promise<StorageStatus | null> {
  const storage: StorageManager | undefined = navigator.storage;
  if (!storage) return null;
  const [{ quota, usage }, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
  return quota === undefined || usage === undefined ? null : { usedBytes: usage, quotaBytes: quota, persisted };
}
