import type { Upload } from '../../../src/shared/upload.ts';
import { createUpload } from '../../fixtures/upload.ts';
import { measureFirstRow } from '../../page-objects/first-row.ts';
import { openAppContestant } from '../race/contestants.ts';
import { startServers } from '../servers/servers.ts';
import { timesScenario } from '../times-scenario.ts';

/** Opening a queue of many uploads. */
export const longList = timesScenario({
  name: 'long-list',
  about: 'the page opened on a queue of 1 and of 10,000 paused uploads, until its first row is painted',
  title: 'From the reload to the first row:',
  head: 'uploads',
  cases: [1, 10_000].map((count) => ({ label: String(count), size: count })),
  measure: measureOpening,
});

async function measureOpening(count: number): Promise<number> {
  const servers = await startServers({ waitMs: 0, level: 'extended' }, null);
  const contestant = await openAppContestant({ servers, chunkBytes: undefined, settings: {} });
  try {
    const uploads = Array.from({ length: count }, (_, i) => ({
      ...createUpload(createFacts(i)),
      status: 'paused' as const,
    }));
    await contestant.tab.evaluate(storeUploads, uploads);
    const open = await measureFirstRow(contestant.tab);
    return (await open()).paintedMs;
  } finally {
    await contestant.close();
    await servers.close();
  }
}

function createFacts(i: number): Parameters<typeof createUpload>[0] {
  const files = [{ name: `file ${i}.bin`, type: '', sizeBytes: 1, modifiedAt: 0 }];
  return { ownerId: 'bench', files, sizeBytes: 1, stagedBytes: 1, queuedAt: Date.now() - i };
}

/** Runs in the page. */
function storeUploads(uploads: readonly Upload[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const reading = indexedDB.open('parallel-chunk-uploader');
    reading.onsuccess = () => {
      const writing = reading.result.transaction('uploads', 'readwrite');
      for (const upload of uploads) writing.objectStore('uploads').put(upload);
      writing.oncomplete = () => resolve();
      writing.onerror = () => reject(writing.error);
      reading.result.close();
    };
  });
}
