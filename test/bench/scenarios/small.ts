import { APP, ONE_BATCH, PEER_CLIENTS, SINGLE_REQUEST } from '../entries.ts';
import { TUNNEL, WAIT_MS } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';

const COUNT = 300;
const SMALLEST = 1e6;
const STEP = 2e6 / (COUNT - 1);
const FILES = Array.from({ length: COUNT }, (_, i) => Math.round(SMALLEST + i * STEP));

/**
 * Many files of one request each. The serial client and the in-page pool are left out: they would
 * wait 300 times.
 */
export const small = raceScenario('small', '300 files of 1 to 3 MB, 500 Mbit/s, RTT 40 ms, 0.5 s server wait', {
  link: TUNNEL,
  waitMs: WAIT_MS,
  files: FILES,
  entries: [APP, SINGLE_REQUEST, ...PEER_CLIENTS],
});

/** The files of `small` as one batch of the app. The others have no batches. */
export const smallBatch = raceScenario(
  'small-batch',
  '300 files of 1 to 3 MB as one batch, 500 Mbit/s, RTT 40 ms, 0.5 s server wait',
  { link: TUNNEL, waitMs: WAIT_MS, files: FILES, entries: [ONE_BATCH, SINGLE_REQUEST, ...PEER_CLIENTS] },
);

/** Files for which requests cost most. One request a file takes 7 minutes over 6 connections. */
export const tinyBatch = raceScenario(
  'tiny-batch',
  '5,000 files of 20 kB as one batch, 500 Mbit/s, RTT 40 ms, 0.5 s server wait; laps end after 60 s',
  {
    link: TUNNEL,
    waitMs: WAIT_MS,
    files: Array.from({ length: 5000 }, () => 20_000),
    limitSeconds: 60,
    entries: [ONE_BATCH, SINGLE_REQUEST, ...PEER_CLIENTS],
  },
);
