import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFile, tempFolder } from '../../fixtures/files.ts';
import { openAppContestant } from '../race/entrants.ts';
import { startServers } from '../servers/servers.ts';
import { timesScenario } from '../times-scenario.ts';

/** Longer than any first byte takes; then the browser is closed, whatever it has sent. */
const LOOK_AFTER_MS = 3000;

/** How soon something leaves, at an endpoint that is known. */
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
  const servers = await startServers({ waitMs: 0, level: 'exact' }, null);
  const entrant = await openAppContestant({ servers, chunkBytes: undefined, settings: {} });
  try {
    await entrant.chooseFiles([await makeFile(folder.dir, 'acquaintance.bin', 1)]);
    await entrant.waitForArrival();
    const path = join(folder.dir, 'chosen.bin');
    await writeFile(path, '');
    // Sparse: what is not there need not be read from a disk.
    await truncate(path, sizeBytes);
    await servers.mark();
    // From the page's own event: how long a driver takes to bring it about is none of the app's time.
    await entrant.tab.evaluate(() => {
      addEventListener('input', () => localStorage.setItem('chosen at', String(Date.now())), {
        capture: true,
        once: true,
      });
    });
    await entrant.chooseFiles([{ path }]);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AFTER_MS));
    const firstByteAt = await servers.mark();
    const chosenAt = await entrant.tab.evaluate(() => Number(localStorage.getItem('chosen at')));
    return (firstByteAt ?? Number.NaN) - chosenAt;
  } finally {
    await entrant.close();
    await servers.close();
    await folder.remove();
  }
}
