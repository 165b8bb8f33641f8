import type { Upload } from '../../../src/shared/upload.ts';

/**
 * Resolves when the database holds this number of uploads and all are completed. Runs in the page
 * of the app. Reads only records that the worker reports as changed: repeated reads of a long list
 * would slow down the measurement.
 *
 * @throws when one of them failed
 */
export async function waitForAppUploads(count: number): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result);
  });
  const completed = new Set<string>();
  await new Promise<void>((resolve, reject) => {
    // A method: the compiler would add a helper to a named function, which the page lacks.
    const race = {
      see(upload: Upload | undefined) {
        if (upload?.status === 'failed') reject(new Error(`Failed: ${JSON.stringify(upload)}`));
        if (upload?.status === 'completed') completed.add(upload.id);
        if (completed.size === count) resolve();
      },
    };
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      if (data.type !== 'changed') return;
      const reading = db.transaction('uploads').objectStore('uploads').get(data.id);
      reading.onsuccess = () => race.see(reading.result);
    });
    const listing = db.transaction('uploads').objectStore('uploads').getAll();
    listing.onerror = () => reject(listing.error);
    listing.onsuccess = () => {
      for (const upload of listing.result) race.see(upload);
    };
  });
  db.close();
}
