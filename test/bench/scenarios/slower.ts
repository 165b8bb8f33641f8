import { APP, POOL, RESUMABLE_PEERS } from '../entries.ts';
import { MBIT, MIB, SLOW, SLOW_WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** The app remembers a link that is 30 times as fast, and chooses its chunks for that one. */
export const slower = raceScenario(
  'slower',
  '120 MiB, 16 Mbit/s after a visit at 500 Mbit/s, RTT 60 ms, 0.2 s server wait',
  {
    link: SLOW,
    waitMs: SLOW_WAIT_MS,
    files: [120 * MIB],
    earlierBytesPerSecond: 500 * MBIT,
    entries: [APP, ...RESUMABLE_PEERS, POOL],
  },
);
