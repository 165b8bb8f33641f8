import { type Accuracy, measureLink } from '../link/accuracy.ts';
import { addDownTime, getTransferMs } from '../link/schedule.ts';
import {
  formatTable,
  median,
  type Result,
  type RunOptions,
  type Scenario,
  type Table,
  toFixedOrNull,
} from '../scenario.ts';
import { type Lap, type Race, runRace } from './race.ts';

const MIB = 1024 * 1024;

/** A race without the number of its runs. */
export type RaceFacts = Omit<Race, 'runs'>;

/** Lower bounds of the time, in seconds. */
export interface Bounds {
  /** All bytes once over the link, and one round trip. Cuts are not considered. */
  readonly ideal: number;
  /** With one response to wait for. */
  readonly oneAnswer: number;
  /** With two responses to wait for, because chunk 0 precedes the others. */
  readonly twoAnswers: number;
}

/** A scenario that is a race. */
export function raceScenario(name: string, about: string, facts: RaceFacts): Scenario {
  return { name, about, run: (options) => run(name, facts, options) };
}

async function run(name: string, facts: RaceFacts, { runs, only, onProgress: tell }: RunOptions): Promise<Result> {
  const accuracy = facts.link && (await measureLink(facts.link));
  if (accuracy) tell(formatTable(accuracyTable(accuracy)));
  const entries = facts.entries.filter((entry) => entry.name.startsWith(only));
  const bounds = computeBounds(facts);
  const laps = await runRace({ ...facts, entries, runs }, (lap) => tell(`${name}: ${describeLap(lap)}`));
  const rows = summarizeLaps(laps, bounds, facts.files);
  const figures = { accuracy, bounds, rows, laps };
  return { figures, tables: [...(accuracy ? [accuracyTable(accuracy)] : []), raceTable(rows, bounds)] };
}

/** The bounds of a race. Null without a link. */
export function computeBounds({ link, waitMs, files }: RaceFacts): Bounds | null {
  if (!link) return null;
  const idealMs = getTransferMs(link.bytesPerSecond, link.steps ?? [], sumSizes(files)) + link.rttMs;
  const withCuts = (ms: number) => (link.cuts ? addDownTime(link.cuts, ms) : ms) / 1000;
  const oneAnswer = withCuts(idealMs + waitMs);
  return { ideal: idealMs / 1000, oneAnswer, twoAnswers: withCuts(idealMs + 2 * waitMs + link.rttMs) };
}

function sumSizes(files: readonly number[]): number {
  return files.reduce((sum, size) => sum + size, 0);
}

/** The medians of one entry. */
export interface Summary {
  readonly name: string;
  /** Null where the client gave up or took too long. */
  readonly runs: readonly (number | null)[];
  /** What the table has in place of a time. */
  readonly failure: string | null;
  /** Null if the client never finished. */
  readonly seconds: number | null;
  readonly timesIdeal: number | null;
  readonly overSerial: number | null;
  /** Bytes over the link as a multiple of the bytes of the files. */
  readonly sent: number | null;
  readonly firstByteMs: number;
  readonly firstAckMs: number;
  readonly longestGapMs: number;
  readonly memoryMib: number;
  readonly cpuSeconds: number;
  readonly allSame: boolean;
}

/**
 * The medians of each entry, in the order of its first lap.
 *
 * @param files sizes in bytes
 */
export function summarizeLaps(laps: readonly Lap[], bounds: Bounds | null, files: readonly number[]): Summary[] {
  const serial = medianOf(laps.filter(({ name }) => name === 'serial').map(({ seconds }) => seconds));
  return [...new Set(laps.map(({ name }) => name))].map((name) => {
    const own = laps.filter((lap) => lap.name === name);
    const seconds = medianOf(own.map((lap) => lap.seconds));
    const sentBytes = medianOf(own.map((lap) => lap.sentBytes));
    return {
      name,
      runs: own.map((lap) => lap.seconds),
      failure: own.find(({ failure }) => failure)?.failure?.label ?? null,
      seconds,
      timesIdeal: bounds && seconds && seconds / bounds.ideal,
      overSerial: serial && seconds && serial / seconds,
      sent: sentBytes && sentBytes / sumSizes(files),
      firstByteMs: medianOf(own.map(({ firstByteMs }) => firstByteMs)) ?? Number.NaN,
      firstAckMs: medianOf(own.map(({ firstAckMs }) => firstAckMs)) ?? Number.NaN,
      longestGapMs: medianOf(own.map(({ longestGapMs }) => longestGapMs)) ?? Number.NaN,
      memoryMib: median(own.map(({ memoryBytes }) => (memoryBytes ?? Number.NaN) / MIB)),
      cpuSeconds: median(own.map(({ cpuSeconds }) => cpuSeconds ?? Number.NaN)),
      allSame: own.every(({ same }) => same),
    };
  });
}

/** The median of the values that exist. */
function medianOf(values: readonly (number | null)[]): number | null {
  const existing = values.filter((value) => value !== null);
  return existing.length === 0 ? null : median(existing);
}

function raceTable(rows: readonly Summary[], bounds: Bounds | null): Table {
  const head = [
    'client',
    'runs s',
    'median s',
    'x ideal',
    'over serial',
    'sent',
    'first byte ms',
    'first ack ms',
    'longest gap ms',
    'memory MiB',
    'CPU s',
    'SHA-256',
  ];
  const inTable = ({ name, runs, seconds, ...row }: Summary) => [
    name,
    runs.map((run) => run?.toFixed(2) ?? row.failure).join(' '),
    seconds?.toFixed(2) ?? row.failure,
    toFixedOrNull(row.timesIdeal, 2),
    toFixedOrNull(row.overSerial, 2),
    toFixedOrNull(row.sent, 2),
    toFixedOrNull(row.firstByteMs, 0),
    toFixedOrNull(row.firstAckMs, 0),
    toFixedOrNull(row.longestGapMs, 0),
    toFixedOrNull(row.memoryMib, 0),
    toFixedOrNull(row.cpuSeconds, 1),
    row.allSame ? 'same' : 'DIFFERENT',
  ];
  return { title: bounds ? formatBounds(bounds) : 'No link: bare loopback.', head, rows: rows.map(inTable) };
}

function formatBounds({ ideal, oneAnswer, twoAnswers }: Bounds): string {
  const times = (seconds: number) => `${seconds.toFixed(2)} s (${(seconds / ideal).toFixed(2)} x ideal)`;
  return `Ideal ${ideal.toFixed(2)} s; bound ${times(oneAnswer)}, with an answer awaited first ${times(twoAnswers)}.`;
}

/** A link as requested and as measured. */
export function accuracyTable(accuracy: Accuracy): Table {
  const megabits = (bytesPerSecond: number) => toFixedOrNull((bytesPerSecond * 8) / 1e6, 1);
  const { askedBytesPerSecond, aloneBytesPerSecond, sharedBytesPerSecond, askedRttMs, rttMs } = accuracy;
  return {
    title: 'The link itself:',
    head: ['', 'asked', 'measured'],
    rows: [
      ['four connections, Mbit/s', megabits(askedBytesPerSecond), megabits(sharedBytesPerSecond)],
      ['one connection, Mbit/s', megabits(accuracy.askedAloneBytesPerSecond), megabits(aloneBytesPerSecond)],
      ['round trip, ms', toFixedOrNull(askedRttMs, 1), toFixedOrNull(rttMs, 1)],
    ],
  };
}

/** A lap in one line. */
export function describeLap({ name, seconds, failure, firstByteMs, same }: Lap): string {
  const outcome = failure ? `${failure.label} (${failure.reason})` : `${seconds?.toFixed(2)} s`;
  return `${name} ${outcome}, first byte ${firstByteMs ?? '-'} ms${same ? '' : ', DIFFERENT'}`;
}
