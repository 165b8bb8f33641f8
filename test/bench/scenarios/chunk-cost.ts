import { APP, POOL } from '../entries.ts';
import { MIB } from '../links.ts';
import { type Lap, type Race, runRace } from '../race/race.ts';
import { median, type Result, type RunOptions, type Scenario, toFixedOrNull } from '../scenario.ts';

const FILE_BYTES = 500 * MIB;
const SMALL = 1 * MIB;
const LARGE = 50 * MIB;
const MORE_CHUNKS = FILE_BYTES / SMALL - FILE_BYTES / LARGE;

/** The time that database and messages add to a chunk. */
export const chunkCost: Scenario = {
  name: 'chunk-cost',
  about: '500 MiB in 1 MiB chunks and in 50 MiB chunks, bare loopback, beside the pool in the page',
  run,
};

async function run({ runs, onProgress: tell }: RunOptions): Promise<Result> {
  const race = async (chunkBytes: number): Promise<Lap[]> => {
    const facts: Race = { link: null, waitMs: 0, files: [FILE_BYTES], chunkBytes, entries: [APP, POOL], runs };
    return runRace(facts, ({ name, seconds }) => tell(`chunk-cost: ${chunkBytes / MIB} MiB, ${name} ${seconds} s`));
  };
  const small = await race(SMALL);
  const large = await race(LARGE);
  const costMs = (name: string) =>
    ((getMedianSeconds(small, name) - getMedianSeconds(large, name)) * 1000) / MORE_CHUNKS;
  const clients = ['app, later', POOL.name].map((name) => ({
    name,
    smallSeconds: getMedianSeconds(small, name),
    largeSeconds: getMedianSeconds(large, name),
    msPerChunk: costMs(name),
  }));
  const rows = clients.map((client) => [
    client.name,
    toFixedOrNull(client.smallSeconds, 2),
    toFixedOrNull(client.largeSeconds, 2),
    toFixedOrNull(client.msPerChunk, 1),
  ]);
  const title = `What each of ${MORE_CHUNKS} more chunks costs, the request and the server's fsync included:`;
  return {
    figures: { clients, small, large },
    tables: [{ title, head: ['client', '1 MiB s', '50 MiB s', 'ms a chunk'], rows }],
  };
}

function getMedianSeconds(laps: readonly Lap[], name: string): number {
  return median(laps.filter((lap) => lap.name === name).map(({ seconds }) => seconds ?? Number.NaN));
}
