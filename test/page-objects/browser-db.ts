import type { Page } from 'playwright-core';

// What lies in the browser's database, read by the page itself: what is sent there knows nothing but itself.

/** The bearer token in the database, as the worker would read it. */
export async function readAccessToken(tab: Page): Promise<string | null> {
  return (await tab.evaluate(readSetting<{ accessToken: string }>, 'credentials'))?.accessToken ?? null;
}

/** How the browser is to be asked to carry uploads, as the database remembers the user's choice. */
export function readBackgroundFetchMode(tab: Page): Promise<string | undefined> {
  return tab.evaluate(readSetting<string>, 'backgroundFetchMode');
}

/** What the worker would say of an upload that has arrived while no page is open. */
export async function readArrivalText(tab: Page): Promise<string | null> {
  return (await tab.evaluate(readSetting<{ uploaded: string }>, 'notificationTexts'))?.uploaded ?? null;
}

function readSetting<T>(key: string): Promise<T | undefined> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('settings').objectStore('settings').get(key);
      reading.onsuccess = () => resolve(reading.result);
      opening.result.close();
    };
  });
}

/** How many pieces of an upload lie in the database. */
export function countPieces(id: string): Promise<number> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const range = IDBKeyRange.bound([id], [id, []]);
      const counting = opening.result.transaction('pieces').objectStore('pieces').count(range);
      counting.onsuccess = () => resolve(counting.result);
      opening.result.close();
    };
  });
}

/** Has the browser remember of every server it knows that the link to it carries no more than this, in bytes per second. */
export function storeRate(rateBytesPerSecond: number): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const tx = opening.result.transaction('settings', 'readwrite');
      const walking = tx.objectStore('settings').openCursor();
      walking.onsuccess = () => {
        const cursor = walking.result;
        if (String(cursor?.key).startsWith('serverProfile ')) cursor?.update({ ...cursor.value, rateBytesPerSecond });
        cursor?.continue();
      };
      tx.oncomplete = () => resolve();
      opening.result.close();
    };
  });
}

/** Writes into the records of what is under way that a Background Fetch has it, which nobody ever started. */
export function storeLostBackgroundFetch(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const tx = opening.result.transaction('uploads', 'readwrite');
      const reading = tx.objectStore('uploads').getAll();
      reading.onsuccess = () => {
        for (const upload of reading.result.filter(({ status }) => status === 'uploading')) {
          const wait = { reason: 'background-fetch', fetchId: 'never started' };
          tx.objectStore('uploads').put({ ...upload, status: 'waiting', wait });
        }
      };
      tx.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}

/** Has every paused upload go on, and tells nobody. */
export function storeResumed(): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const tx = opening.result.transaction('uploads', 'readwrite');
      const reading = tx.objectStore('uploads').getAll();
      reading.onsuccess = () => {
        const paused = reading.result.filter(({ status }) => status === 'paused');
        for (const upload of paused) tx.objectStore('uploads').put({ ...upload, status: 'queued' });
      };
      tx.oncomplete = () => resolve();
      opening.result.close();
    };
  });
}

/** Has the worker believe that it saw each Background Fetch stand still for so much longer, in ms. */
export function ageFetchStalls(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const tx = opening.result.transaction('settings', 'readwrite');
      const reading = tx.objectStore('settings').get('fetchStalls');
      reading.onsuccess = () => {
        const all = Object.entries((reading.result ?? {}) as Record<string, { stalledMs: number }>);
        const aged = all.map(([id, stall]) => [id, { ...stall, stalledMs: stall.stalledMs + ms }]);
        tx.objectStore('settings').put(Object.fromEntries(aged), 'fetchStalls');
      };
      tx.oncomplete = () => resolve();
      opening.result.close();
    };
  });
}

/** Makes the database that of a newer version of the app. */
export function storeNewerDatabase(): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader', 1000);
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
  });
}
