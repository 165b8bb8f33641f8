import { makeFile, type TestFile, tempFolder } from '../../fixtures/files.ts';
import type { LinkOptions } from '../link/link.ts';
import { type Servers, startServers } from '../servers/servers.ts';
import { type Contestant, openAppContestant, openScriptContestant, type RaceSetup } from './contestants.ts';
import { UsageMeter } from './processes.ts';
import type { Script } from './scripts.ts';

/** The same files, sent by different clients over the same link. */
export interface Race {
  /** Loopback without a link if null. */
  readonly link: LinkOptions | null;
  /** The time from the last byte of a request to its response. */
  readonly waitMs: number;
  /** Sizes of the files, in bytes. */
  readonly files: readonly number[];
  readonly chunkBytes?: number;
  /** The level of the app's server. The server of the others has all extensions. */
  readonly appLevel?: 'extended' | 'basic';
  readonly entries: readonly Entry[];
  /** Runs of each entry. The entries alternate. */
  readonly runs: number;
}

/** A client and its name in tables. */
export type Entry =
  | { readonly kind: 'app'; readonly name: string; readonly settings?: object }
  | { readonly kind: 'script'; readonly name: string; readonly script: Script; readonly client: string };

/** One run of one entry. */
export interface Lap {
  readonly name: string;
  readonly seconds: number;
  /** From choosing the files to the first request at the server. */
  readonly firstByteMs: number | null;
  readonly memoryBytes: number | null;
  readonly cpuSeconds: number | null;
  /** Whether the server has exactly these files, by SHA-256. */
  readonly same: boolean;
}

/** Runs a race, one browser at a time. `onLap` is called after each run. */
export async function runRace(race: Race, onLap: (lap: Lap) => void): Promise<Lap[]> {
  const folder = await tempFolder();
  // Two sets of files, because the second upload of the app must not duplicate the first.
  const sets: TestFile[][] = [[], []];
  for (const [round, set] of sets.entries()) {
    for (const [i, sizeBytes] of race.files.entries()) {
      set.push(await makeFile(folder.dir, `${round === 0 ? 'first' : 'later'} ${i}.bin`, sizeBytes));
    }
  }
  const laps: Lap[] = [];
  for (let run = 0; run < race.runs; run++) {
    for (const entry of race.entries) {
      for (const lap of await runEntry(race, entry, sets)) {
        laps.push(lap);
        onLap(lap);
      }
    }
  }
  await folder.remove();
  return laps;
}

/**
 * Runs an entry in a fresh profile. The app sends twice, because it knows the server from its first
 * upload on.
 */
async function runEntry(race: Race, entry: Entry, [first = [], later = []]: TestFile[][]): Promise<Lap[]> {
  const { link, waitMs, chunkBytes, appLevel = 'extended' } = race;
  const isApp = entry.kind === 'app';
  const servers = await startServers({ waitMs, level: isApp ? appLevel : 'extended' }, link);
  const setup: RaceSetup = { servers, chunkBytes, settings: isApp ? (entry.settings ?? {}) : {} };
  const contestant = await (isApp ? openAppContestant(setup) : openScriptContestant(entry.client, entry.script, setup));
  try {
    if (!isApp) return [await runLap(entry.name, servers, contestant, first, [])];
    const unknown = await runLap(`${entry.name}, first`, servers, contestant, first, []);
    return [unknown, await runLap(`${entry.name}, later`, servers, contestant, later, first)];
  } finally {
    await contestant.close();
    await servers.close();
  }
}

async function runLap(
  name: string,
  servers: Servers,
  contestant: Contestant,
  files: readonly TestFile[],
  before: readonly TestFile[],
): Promise<Lap> {
  await servers.mark();
  const meter = UsageMeter.start();
  const startedAt = Date.now();
  await contestant.chooseFiles(files);
  await contestant.waitForArrival();
  const seconds = (Date.now() - startedAt) / 1000;
  const usage = meter?.stop();
  const firstByteAt = await servers.mark();
  const arrived = (await servers.digests()).sort();
  const expected = [...before, ...files].map(({ sha256 }) => sha256).sort();
  return {
    name,
    seconds,
    firstByteMs: firstByteAt === null ? null : firstByteAt - startedAt,
    memoryBytes: usage?.memoryBytes ?? null,
    cpuSeconds: usage?.cpuSeconds ?? null,
    same: JSON.stringify(arrived) === JSON.stringify(expected),
  };
}
