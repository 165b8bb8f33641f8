import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFile, tempFolder } from '../../fixtures/files.ts';
import { openAppContestant } from '../race/contestants.ts';
import { startServers } from '../servers/servers.ts';
import { timesScenario } from '../times-scenario.ts';

/** Longer than any first byte takes. The browser is closed then. */
const LOOK_AFTER_MS = 3000;

/** The time until the first byte, with a known server. */
export const firstByte = timesScenario({
  name: 'first-byte',
  about: 'from the choice of a file of 1 MB, and of one of 10 GB, to the first request at the server; bare loopback',
  title: 'First byte:',
  head: 'file',
  cases: [
    { label: '1 MB', size: 1e6 },
    { label: '10 GB', size: 10e9 },
  ],
  measure: measureFirstByte,
});

async function measureFirstByte(sizeBytes: number): Promise<number> {
  const folder = await tempFolder();
  const servers = await startServers({ waitMs: 0, level: 'extended' }, null);
  const contestant = await openAppContestant({ servers, chunkBytes: undefined, settings: {} });
  try {
    await contestant.chooseFiles([await makeFile(folder.dir, 'acquaintance.bin', 1)]);
    await contestant.waitForArrival();
    const path = join(folder.dir, 'chosen.bin');
    await writeFile(path, '');
    // A sparse file, which need not be read from disk.
    await truncate(path, sizeBytes);
    await servers.mark();
    // From the event in the page: the time Playwright needs to cause it does not count.
    await contestant.tab.evaluate(() => {
      addEventListener('input', () => localStorage.setItem('chosen at', String(Date.now())), {
        capture: true,
        once: true,
      });
    });
    await contestant.chooseFiles([{ path }]);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AFTER_MS));
    const { firstByteAt } = await servers.mark();
    const chosenAt = await contestant.tab.evaluate(() => Number(localStorage.getItem('chosen at')));
    return (firstByteAt ?? Number.NaN) - chosenAt;
  } finally {
    await contestant.close();
    await servers.close();
    await folder.remove();
  }
}
