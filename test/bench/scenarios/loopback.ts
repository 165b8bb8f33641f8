import { APP, NO_DIGESTS, POOL, SINGLE_REQUEST } from '../entries.ts';
import { MIB } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** Without link and wait: the cost of staging, worker and digests. */
export const loopback = raceScenario('loopback', '1 GiB in 50 MiB chunks, bare loopback, with digests and without', {
  link: null,
  waitMs: 0,
  files: [1024 * MIB],
  chunkBytes: 50 * MIB,
  entries: [NO_DIGESTS, APP, POOL, SINGLE_REQUEST],
});
