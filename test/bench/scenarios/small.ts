import { APP, PEER_CLIENTS, SINGLE_REQUEST } from '../entries.ts';
import { TUNNEL, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

const COUNT = 300;
const SMALLEST = 1e6;
const STEP = 2e6 / (COUNT - 1);

/**
 * Many files of one request each. The serial client and the in-page pool are left out: they would
 * wait 300 times.
 */
export const small = raceScenario('small', '300 files of 1 to 3 MB, 500 Mbit/s, RTT 40 ms, 0.5 s server wait', {
  link: TUNNEL,
  waitMs: WAIT_MS,
  files: Array.from({ length: COUNT }, (_, i) => Math.round(SMALLEST + i * STEP)),
  entries: [APP, SINGLE_REQUEST, ...PEER_CLIENTS],
});
