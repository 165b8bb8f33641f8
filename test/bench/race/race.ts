import { makeFile, type TestFile, tempFolder } from '../../fixtures/files.ts';
import type { LinkMark, LinkOptions } from '../link/link.ts';
import type { ProxyKind } from '../proxies/kinds.ts';
import { type Servers, startServers } from '../servers/servers.ts';
import { type Contestant, openAppContestant, openScriptContestant, type RaceSetup } from './contestants.ts';
import { UsageMeter } from './processes.ts';
import type { Script } from './scripts.ts';

/** The same files, sent by different clients over the same link. */
export interface Race {
  /** Loopback without a link if null. */
  readonly link: LinkOptions | null;
  /** Between link and servers. None unless given. */
  readonly proxy?: ProxyKind;
  /** The time from the last byte of a request to its response. */
  readonly waitMs: number;
  /** Sizes of the files, in bytes. */
  readonly files: readonly number[];
  readonly chunkBytes?: number;
  /** The level of the app's server. The server of the others has all extensions. */
  readonly appLevel?: 'extended' | 'basic';
  /** The rate of the link during an earlier visit of the app, which only the app has. */
  readonly earlierBytesPerSecond?: number;
  /** A lap ends after this time at the latest. */
  readonly limitSeconds?: number;
  readonly entries: readonly Entry[];
  /** Runs of each entry. The entries alternate. */
  readonly runs: number;
}

/** A client and its name in tables. */
export type Entry =
  | {
      readonly kind: 'app';
      readonly name: string;
      readonly settings?: object;
      /** All files are one batch, not one upload each. */
      readonly asOneBatch?: boolean;
    }
  | { readonly kind: 'script'; readonly name: string; readonly script: Script; readonly client: string };

/** Why files did not arrive. */
export interface Failure {
  /** For tables. */
  readonly label: string;
  readonly reason: string;
}

/** One run of one entry. */
export interface Lap {
  readonly name: string;
  /** Null if the client gave up or took too long. */
  readonly seconds: number | null;
  readonly failure: Failure | null;
  /** From choosing the files to the first request at the server. */
  readonly firstByteMs: number | null;
  /** From choosing the files to the first response to a request with bytes of a file. */
  readonly firstAckMs: number | null;
  /** The longest time between two such responses. */
  readonly longestGapMs: number | null;
  /** From clients to servers over the link, with those that were lost. */
  readonly sentBytes: number | null;
  readonly memoryBytes: number | null;
  readonly cpuSeconds: number | null;
  /** Whether the server has exactly these files, by SHA-256. True after a failure. */
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
  const { link, waitMs, chunkBytes, appLevel = 'extended', earlierBytesPerSecond } = race;
  const isApp = entry.kind === 'app';
  const servers = await startServers({ waitMs, level: isApp ? appLevel : 'extended' }, link, race.proxy);
  const setup: RaceSetup = { servers, chunkBytes, settings: isApp ? (entry.settings ?? {}) : {} };
  const contestant = await (isApp
    ? openAppContestant(setup, entry.asOneBatch)
    : openScriptContestant(entry.client, entry.script, setup));
  const common = { servers, contestant, limitSeconds: race.limitSeconds };
  try {
    const lap = (name: string, facts: LapFacts) => runLap({ ...facts, name: entry.name + name, ...common });
    if (!isApp) return [await lap('', { files: first, before: [] })];
    const linkMark = earlierBytesPerSecond === undefined ? {} : { bytesPerSecond: earlierBytesPerSecond };
    const unknown = await lap(', first', { files: first, before: [], linkMark });
    if (unknown.failure !== null) return [unknown];
    if (earlierBytesPerSecond !== undefined) await contestant.revisit();
    const known = await lap(', later', { files: later, before: first });
    return earlierBytesPerSecond === undefined ? [unknown, known] : [known];
  } finally {
    await contestant.close();
    await servers.close();
  }
}

/** What differs between the laps of an entry. */
interface LapFacts {
  readonly files: readonly TestFile[];
  /** Files that have arrived in earlier laps. */
  readonly before: readonly TestFile[];
  readonly linkMark?: LinkMark;
}

interface LapSetup extends LapFacts {
  readonly name: string;
  readonly servers: Servers;
  readonly contestant: Contestant;
  readonly limitSeconds: number | undefined;
}

async function runLap({ name, servers, contestant, files, before, linkMark, limitSeconds }: LapSetup): Promise<Lap> {
  await servers.mark(linkMark);
  const meter = UsageMeter.start();
  let startedAt = Date.now();
  const arrival = contestant.chooseFiles(files).then((chosenAt) => {
    startedAt = chosenAt;
    return contestant.waitForArrival();
  });
  const failure = await findFailure(arrival, limitSeconds);
  const seconds = (Date.now() - startedAt) / 1000;
  const usage = meter?.stop();
  const { firstByteAt, firstAckAt, ...noted } = await servers.mark();
  return {
    name,
    seconds: failure === null ? seconds : null,
    failure,
    firstByteMs: firstByteAt === null ? null : firstByteAt - startedAt,
    firstAckMs: firstAckAt === null ? null : firstAckAt - startedAt,
    longestGapMs: noted.longestGapMs,
    sentBytes: noted.sentBytes,
    memoryBytes: usage?.memoryBytes ?? null,
    cpuSeconds: usage?.cpuSeconds ?? null,
    same: failure !== null || (await haveArrived(servers, [...before, ...files])),
  };
}

/** Null if the files arrived. */
async function findFailure(arrival: Promise<void>, limitSeconds: number | undefined): Promise<Failure | null> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Failure>((resolve) => {
    if (limitSeconds === undefined) return;
    const failure = { label: `over ${limitSeconds.toFixed(0)}`, reason: 'It took too long.' };
    timer = setTimeout(() => resolve(failure), limitSeconds * 1000);
  });
  const outcome = arrival.then(
    () => null,
    // The rest of a message of Playwright is a log.
    ({ message }: Error): Failure => ({ label: 'gave up', reason: message.split('\n')[0] ?? '' }),
  );
  const failure = await Promise.race([outcome, limit]);
  clearTimeout(timer);
  return failure;
}

async function haveArrived(servers: Servers, files: readonly TestFile[]): Promise<boolean> {
  const arrived = (await servers.digests()).sort();
  const expected = files.map(({ sha256 }) => sha256).sort();
  return JSON.stringify(arrived) === JSON.stringify(expected);
}
