let isRequested = false;

/**
 * Requests persistent storage once per page, without awaiting the outcome: some browsers ask the
 * user, and a refusal only makes the staged bytes less durable.
 */
export function requestPersistence(): void {
  if (isRequested) return;
  isRequested = true;
  // WebKitGTK has no StorageManager unless its Storage API is enabled; lib.dom declares it
  // everywhere.
  const storage: StorageManager | undefined = navigator.storage;
  void storage?.persist().catch(() => false);
}
