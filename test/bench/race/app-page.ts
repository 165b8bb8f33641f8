import type { Upload } from '../../../src/shared/upload.ts';

/**
 * Runs in the app's page: ends when the database holds this many uploads and all are complete. It reads what the worker says
 * has changed and nothing else, because a list of hundreds read again and again would slow down what is measured.
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
  const completed = new Set<string>();
  await new Promise<void>((resolve, reject) => {
    const seen = new EventTarget();
    seen.addEventListener('upload', (event) => {
      const { detail: upload } = event as CustomEvent<Upload>;
      if (upload.status === 'failed') reject(new Error(`Failed: ${JSON.stringify(upload)}`));
      if (upload.status === 'completed') completed.add(upload.id);
      if (completed.size === count) resolve();
    });
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      if (data.type !== 'changed') return;
      const reading = db.transaction('uploads').objectStore('uploads').get(data.id);
      reading.onsuccess = () =>
        reading.result && seen.dispatchEvent(new CustomEvent('upload', { detail: reading.result }));
    });
    const listing = db.transaction('uploads').objectStore('uploads').getAll();
    listing.onerror = () => reject(listing.error);
    listing.onsuccess = () => {
      for (const upload of listing.result) seen.dispatchEvent(new CustomEvent('upload', { detail: upload }));
    };
  });
  db.close();
}
