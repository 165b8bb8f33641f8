import { APP, NO_DIGESTS, PEER_CLIENTS, REFERENCE_CLIENTS } from '../entries.ts';
import { MIB, TUNNEL, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** The link of `first` with a file for which waits weigh less. */
export const big = raceScenario('big', '1000 MiB in 50 MiB chunks, 500 Mbit/s, RTT 40 ms, 0.5 s server wait', {
  link: TUNNEL,
  waitMs: WAIT_MS,
  files: [1000 * MIB],
  chunkBytes: 50 * MIB,
  entries: [APP, NO_DIGESTS, ...REFERENCE_CLIENTS, ...PEER_CLIENTS],
});
