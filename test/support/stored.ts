// What lies in the browser's database, read by the page itself: each function is sent there, so it knows nothing but itself.

/** The bearer token in the database, as the worker would read it. */
export function storedToken(): Promise<string | null> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('settings').objectStore('settings').get('token');
      reading.onsuccess = () => resolve(reading.result?.token ?? null);
      opening.result.close();
    };
  });
}

/** How many pieces of an upload lie in the database. */
export function storedPieces(id: string): Promise<number> {
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
export function rememberRate(rateBytesPerSecond: number): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const tx = opening.result.transaction('settings', 'readwrite');
      const walking = tx.objectStore('settings').openCursor();
      walking.onsuccess = () => {
        const cursor = walking.result;
        if (String(cursor?.key).startsWith('learned ')) cursor?.update({ ...cursor.value, rateBytesPerSecond });
        cursor?.continue();
      };
      tx.oncomplete = () => resolve();
      opening.result.close();
    };
  });
}
