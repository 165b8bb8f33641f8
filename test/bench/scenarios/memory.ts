import { APP } from '../entries.ts';
import { MIB } from '../links.ts';
import { raceScenario } from '../race/race-scenario.ts';
import type { Scenario } from '../scenario.ts';

const race = raceScenario('memory', '3 GiB, digests on, bare loopback, chunks as the app likes them; one run', {
  link: null,
  waitMs: 0,
  files: [3072 * MIB],
  entries: [APP],
});

/** Memory must not grow with the file. */
export const memory: Scenario = { ...race, run: (options) => race.run({ ...options, runs: 1 }) };
