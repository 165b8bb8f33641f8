import { APP, POOL } from '../entries.ts';
import { MIB, TUNNEL, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/**
 * The app with a basic server, beside the in-page pool with a server that accepts the final chunk
 * early.
 */
export const basic = raceScenario('basic', 'as `first`, the app’s server at the basic level', {
  link: TUNNEL,
  waitMs: WAIT_MS,
  files: [200 * MIB],
  chunkBytes: 10 * MIB,
  appLevel: 'basic',
  entries: [APP, POOL],
});
