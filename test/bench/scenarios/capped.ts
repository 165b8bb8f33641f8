import { APP, PEER_CLIENTS, REFERENCE_CLIENTS } from '../entries.ts';
import { MBIT, MIB, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** A link that one connection cannot fill. */
export const capped = raceScenario(
  'capped',
  '200 MiB in 10 MiB chunks, 500 Mbit/s of which each connection gets a quarter, RTT 80 ms, 0.5 s server wait',
  {
    link: { bytesPerSecond: 500 * MBIT, capBytesPerSecond: 125 * MBIT, rttMs: 80 },
    waitMs: WAIT_MS,
    files: [200 * MIB],
    chunkBytes: 10 * MIB,
    entries: [APP, ...REFERENCE_CLIENTS, ...PEER_CLIENTS],
  },
);
