let isRequested = false;

/**
 * Asks that what is stored stays, once for each page, and does not wait for the answer: some browsers show a question, and a
 * refusal changes only how durable the copy is.
 */
export function requestPersistence(): void {
  if (isRequested) return;
  isRequested = true;
  // WebKitGTK has none unless its Storage API is switched on; lib.dom says everybody has it.
  const storage: StorageManager | undefined = navigator.storage;
  void storage?.persist().catch(() => false);
}
