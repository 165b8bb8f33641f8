import { APP, POOL, RESUMABLE_PEERS } from '../entries.ts';
import { MBIT, MIB, SLOW_WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** A link that nearly stops during the upload and recovers: 100, 24 and 96 MB in its phases. */
export const drop = raceScenario(
  'drop',
  '210 MiB, 200 Mbit/s, from 4 to 28 s only 8 Mbit/s, RTT 60 ms, 0.2 s server wait',
  {
    link: {
      bytesPerSecond: 200 * MBIT,
      rttMs: 60,
      steps: [
        { afterMs: 4000, bytesPerSecond: 8 * MBIT },
        { afterMs: 28_000, bytesPerSecond: 200 * MBIT },
      ],
    },
    waitMs: SLOW_WAIT_MS,
    files: [210 * MIB],
    entries: [APP, ...RESUMABLE_PEERS, POOL],
  },
);
