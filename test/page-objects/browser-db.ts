import type { Page } from 'playwright-core';

// Reads and writes the database of the app. Functions that run in the page use nothing of this
// module.

/** Reads the access token that the worker uses. */
export async function readAccessToken(tab: Page): Promise<string | null> {
  return (await tab.evaluate(readSetting<{ accessToken: string }>, 'credentials'))?.accessToken ?? null;
}

/** Reads when a Background Fetch starts: on request or always. */
export function readBackgroundFetchMode(tab: Page): Promise<string | undefined> {
  return tab.evaluate(readSetting<string>, 'backgroundFetchMode');
}

/** Whether the worker has discovered the server of the page. */
export async function isServerKnown(tab: Page): Promise<boolean> {
  const { href } = new URL('api', tab.url());
  return !!(await tab.evaluate(readSetting<{ features: unknown }>, `serverProfile:${href}`))?.features;
}

/** Reads the text of the notification about a completed upload. */
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

/** Counts the staged pieces of an upload. Runs in the page. */
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

/** Stores this rate, in bytes per second, in every server profile. Runs in the page. */
export function storeRate(rateBytesPerSecond: number): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const tx = opening.result.transaction('settings', 'readwrite');
      const walking = tx.objectStore('settings').openCursor();
      walking.onsuccess = () => {
        const cursor = walking.result;
        if (String(cursor?.key).startsWith('serverProfile:')) cursor?.update({ ...cursor.value, rateBytesPerSecond });
        cursor?.continue();
      };
      tx.oncomplete = () => resolve();
      opening.result.close();
    };
  });
}

/** Marks the active uploads as part of a Background Fetch that does not exist. Runs in the page. */
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

/** Resumes every paused upload in the database without a message. Runs in the worker. */
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

/** Adds a time, in ms, to the stall of each Background Fetch. Runs in the page. */
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

/** Upgrades the database to a version that the app does not know. Runs in the page. */
export function storeNewerDatabase(): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader', 1000);
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
  });
}
