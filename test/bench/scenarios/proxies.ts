import { APP, POOL, SINGLE_REQUEST, TUS } from '../entries.ts';
import { measureLink } from '../link/accuracy.ts';
import { MIB, SLOW_WAIT_MS, TUNNEL, WAIT_MS } from '../links.ts';
import { PROXY_KINDS, type ProxyKind } from '../proxies/kinds.ts';
import { isInstalled } from '../proxies/proxy.ts';
import { runRace } from '../race/race.ts';
import {
  accuracyTable,
  computeBounds,
  describeLap,
  type RaceFacts,
  type Summary,
  summarizeLaps,
} from '../race/race-scenario.ts';
import { formatTable, type Result, type RunOptions, type Scenario, type Table, toFixedOrNull } from '../scenario.ts';

/** Proxies with HTTP/2 towards the browser, between the link and the servers. */
export const proxies = proxyScenario('proxies', 60, SLOW_WAIT_MS);

/** The same with a larger file and a longer wait. */
export const proxiesBig = proxyScenario('proxies-big', 200, WAIT_MS);

/** The results behind one proxy, or without one. */
interface Behind {
  readonly name: string;
  readonly rows: readonly Summary[];
}

function proxyScenario(name: string, mib: number, waitMs: number): Scenario {
  const about = `${mib} MiB in 10 MiB chunks, 500 Mbit/s, RTT 40 ms, ${waitMs / 1000} s server wait, behind real proxies`;
  const entries = [APP, POOL, SINGLE_REQUEST, TUS];
  const facts = { link: TUNNEL, waitMs, files: [mib * MIB], chunkBytes: 10 * MIB, entries };
  return { name, about, run: (options) => run(name, facts, options) };
}

async function run(name: string, facts: RaceFacts, { runs, only, onProgress: tell }: RunOptions): Promise<Result> {
  const accuracy = await measureLink(TUNNEL);
  tell(formatTable(accuracyTable(accuracy)));
  const entries = facts.entries.filter((entry) => entry.name.startsWith(only));
  const bounds = computeBounds(facts);
  const figures: Behind[] = [];
  for (const proxy of [null, ...PROXY_KINDS.filter((kind) => isAvailable(kind, tell))]) {
    const title = proxy?.name ?? 'nothing, HTTP/1.1';
    const race = { ...facts, entries, runs, ...(proxy && { proxy }) };
    const laps = await runRace(race, (lap) => tell(`${name}: ${title}: ${describeLap(lap)}`));
    figures.push({ name: title, rows: summarizeLaps(laps, bounds, facts.files) });
  }
  const heading = `Multiples of the ideal time, ${toFixedOrNull(bounds?.ideal ?? null, 2)} s (and bytes sent / needed):`;
  return { figures: { accuracy, bounds, proxies: figures }, tables: [createTable(heading, figures)] };
}

function isAvailable(kind: ProxyKind, tell: (line: string) => void): boolean {
  const is = isInstalled(kind);
  if (!is) tell(`${kind.name} is left out: ${kind.program} is missing. Install the Debian package ${kind.debian}.`);
  return is;
}

function createTable(title: string, behind: readonly Behind[]): Table {
  const names = [...new Set(behind.flatMap(({ rows }) => rows.map((row) => row.name)))];
  const rows = behind.map(({ name, rows: summaries }) => [
    name,
    ...names.map((entry) => describeSummary(summaries.find((summary) => summary.name === entry))),
  ]);
  return { title, head: ['in front', ...names], rows };
}

function describeSummary(summary: Summary | undefined): string | null {
  if (!summary?.timesIdeal) return null;
  const { timesIdeal, sent, allSame } = summary;
  return `${timesIdeal.toFixed(2)} (${toFixedOrNull(sent, 2)})${allSame ? '' : ' DIFFERENT'}`;
}
