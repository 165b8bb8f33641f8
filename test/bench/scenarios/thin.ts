import { APP, PEER_CLIENTS, REFERENCE_CLIENTS } from '../entries.ts';
import { MBIT, MIB, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

/** A slow link with a long round trip. Chunks have the smallest size of S3. */
export const thin = raceScenario('thin', '40 MiB in 5 MiB chunks, 20 Mbit/s, RTT 200 ms, 0.5 s server wait', {
  link: { bytesPerSecond: 20 * MBIT, rttMs: 200 },
  waitMs: WAIT_MS,
  files: [40 * MIB],
  chunkBytes: 5 * MIB,
  entries: [APP, ...REFERENCE_CLIENTS, ...PEER_CLIENTS],
});
