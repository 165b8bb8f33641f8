import { APP, NO_DIGESTS, PEER_CLIENTS, REFERENCE_CLIENTS } from '../entries.ts';
import { MIB, TUNNEL, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** One large file over a tunnel. */
export const first = raceScenario('first', '200 MiB in 10 MiB chunks, 500 Mbit/s, RTT 40 ms, 0.5 s server wait', {
  link: TUNNEL,
  waitMs: WAIT_MS,
  files: [200 * MIB],
  chunkBytes: 10 * MIB,
  entries: [APP, NO_DIGESTS, ...REFERENCE_CLIENTS, ...PEER_CLIENTS],
});
