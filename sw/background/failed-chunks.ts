import { Queue } from 'workbox-background-sync';
import type { FailedChunk, FailedChunks } from '../ports/ports.ts';

const QUEUE_NAME = 'failed-chunks';

/** Without Background Sync the page's timer wakes the driver, which reads the database. */
export const noFailedChunks: FailedChunks = { push: async () => undefined };

/**
 * Creates the Workbox queue of the chunks that used all their attempts. It registers for a sync
 * event and records the failures; it sends nothing. Its own replay counts HTTP 500 as success and
 * loses an entry if the worker dies during a retry (workbox-background-sync 7.4.1).
 *
 * @param onSync is called in each sync event after the queue was emptied. It has to throw an Error
 * while work is left: Workbox swallows other values, and only a rejection gets another event.
 */
export function createFailedChunksQueue(onSync: () => Promise<void>): FailedChunks {
  const queue = new Queue(QUEUE_NAME, {
    async onSync({ queue: entries }) {
      // The database has the truth: a chunk that fails again is pushed again.
      while (await entries.shiftRequest());
      await onSync();
    },
  });
  return {
    async push(entry: FailedChunk) {
      const { uploadId, generation, index } = entry;
      // A GET request has no body that Workbox could store.
      const request = new Request(`/failed-chunk/${uploadId}/${generation}/${index}`);
      await queue.pushRequest({ request, metadata: { ...entry } });
    },
  };
}
