import type { Upload } from '../../../src/shared/upload.ts';

/**
 * Runs in the app's page: ends when the database holds this many uploads and all are complete. The list in the page need not
 * show every row, and what the page shows is told by the same database.
 *
 * @throws when one of them failed.
 */
export async function appFinished(count: number): Promise<void> {
  // No function of its own with a name: the compiler would mark it with a helper that the page does not have.
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result);
  });
  for (;;) {
    const uploads = await new Promise<Upload[]>((resolve, reject) => {
      const reading = db.transaction('uploads').objectStore('uploads').getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => resolve(reading.result);
    });
    const failed = uploads.find(({ status }) => status === 'failed');
    if (failed) throw new Error(`Failed: ${JSON.stringify(failed)}`);
    if (uploads.length === count && uploads.every(({ status }) => status === 'completed')) return db.close();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
