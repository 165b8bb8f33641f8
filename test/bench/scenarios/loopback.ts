import { APP, NO_DIGESTS, POOL, SINGLE_REQUEST } from '../entries.ts';
import { MIB } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** No link and no wait: what copying into the database, the worker and digests cost. */
export const loopback = raceScenario('loopback', '1 GiB in 50 MiB chunks, bare loopback, with digests and without', {
  link: null,
  waitMs: 0,
  files: [1024 * MIB],
  chunkBytes: 50 * MIB,
  entries: [NO_DIGESTS, APP, POOL, SINGLE_REQUEST],
});
