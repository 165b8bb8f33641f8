import { Queue } from 'workbox-background-sync';
import type { FailedChunk, FailedChunks } from '../ports/ports.ts';

const QUEUE_NAME = 'failed-chunks';

/** Where there is no Background Sync the page's own timer is the alarm, and the database knows what is missing. */
export const noFailedChunks: FailedChunks = { push: async () => undefined };

/**
 * The Workbox queue as ledger and alarm clock of chunks that are out of attempts. It is not asked to send anything: its own
 * replay counts HTTP 500 as success and loses an entry when the worker dies in mid-retry.
 *
 * @param onSync called in each sync event after the ledger is emptied; must throw an Error while work is left, because that is
 * what asks the browser for the next event.
 */
export function createFailedChunksQueue(onSync: () => Promise<void>): FailedChunks {
  const queue = new Queue(QUEUE_NAME, {
    async onSync({ queue: ledger }) {
      // Emptied first: entries only mirror what the database says, and what fails again is entered again.
      while (await ledger.shiftRequest());
      await onSync();
    },
  });
  return {
    async push(entry: FailedChunk) {
      const { uploadId, generation, index } = entry;
      // A GET has no body, and with metadata Workbox stores nothing else of it.
      const request = new Request(`/failed-chunk/${uploadId}/${generation}/${index}`);
      await queue.pushRequest({ request, metadata: { ...entry } });
    },
  };
}
