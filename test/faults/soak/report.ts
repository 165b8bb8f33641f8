import type { ExchangeLog } from './exchange-log.ts';
import { type Level, type PlannedUpload, sumFileSizes } from './upload-plan.ts';
import type { Verdict } from './verdict.ts';

/** The result of a soak, as `--json` prints it. */
export interface Report {
  readonly seed: number;
  readonly level: Level;
  readonly uploads: number;
  readonly users: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Number of occurrences by kind of fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** Planned faults that found no target. */
  readonly missed: readonly string[];
  readonly verdict: Verdict;
  /** Chunks sent although the browser had their acknowledgement. */
  readonly resentChunks: readonly string[];
  /** Bytes of all upload requests, forms included. */
  readonly sentBytes: number;
  readonly longestRecovery: { readonly fault: string; readonly ms: number } | null;
  /** Number of upload requests. */
  readonly requests: number;
  readonly interventions: Readonly<Record<string, number>>;
  readonly serverCrashes: number;
  readonly notes: readonly string[];
}

/** Summarizes the log. */
export function summarizeLog(log: ExchangeLog) {
  const injected: Record<string, number> = {};
  let longestRecovery: Report['longestRecovery'] = null;
  for (const one of log.faults) {
    injected[one.fault] = (injected[one.fault] ?? 0) + 1;
    const ms = log.getRecoveryMs(one);
    if (ms !== null && ms > (longestRecovery?.ms ?? 0)) longestRecovery = { fault: one.fault, ms };
  }
  return {
    faults: injected,
    longestRecovery,
    requests: log.exchanges.length,
    sentBytes: log.exchanges.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    resentChunks: log.findResentChunks().map(({ file, index }) => `${file} #${index}`),
  };
}

/** Bytes of all planned uploads. */
export function totalBytes(planned: readonly PlannedUpload[]): number {
  return planned.reduce((sum, upload) => sum + sumFileSizes(upload), 0);
}

/** Whether every guarantee held. */
export function isClean({ verdict, resentChunks: sentAgain, serverCrashes }: Report): boolean {
  const { lost, duplicated: twice, corrupt, unplanned: strange, leftovers } = verdict;
  return [lost, twice, corrupt, strange, leftovers, sentAgain].every(({ length }) => length === 0) && !serverCrashes;
}

/** Formats the report as a table for people. */
export function formatReport(report: Report): string {
  const { verdict, faults: injected, interventions: helped, notes } = report;
  const rows = Object.entries(injected).sort(([a], [b]) => a.localeCompare(b));
  const faults = rows.map(([name, count]) => `  ${name.padEnd(44)}${String(count).padStart(5)}`);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const again = (100 * (report.sentBytes - report.bytes)) / report.bytes;
  const longest = report.longestRecovery;
  const line = (words: string, value: string | number, names: readonly string[] = []) =>
    `${words.padEnd(46)}${String(value).padStart(5)}${names.length > 0 ? `   ${names.join(', ')}` : ''}`;
  const count = (words: string, names: readonly string[]) => line(words, names.length, names.slice(0, 8));
  return [
    `soak: seed ${report.seed}, ${report.level} level, ${report.seconds} s`,
    line('uploads', report.uploads),
    `bytes ${report.bytes.toLocaleString('en')} in ${report.requests} requests, ${report.users} users`,
    'faults injected',
    ...faults,
    line('  in all', total),
    line('arrived once and intact', verdict.arrived.length),
    count('lost', verdict.lost),
    count('duplicated', verdict.duplicated),
    count('corrupt (bytes, fields or owner)', verdict.corrupt),
    ...(report.level === 'basic' ? [line('waiting: unconfirmed, with staged bytes', verdict.unconfirmed.length)] : []),
    count('unplanned batches on the server', verdict.unplanned),
    count('left over in server or browser', verdict.leftovers),
    count('acknowledged chunks sent again', report.resentChunks),
    line('server crashes', report.serverCrashes),
    `resent bytes, with forms: ${again.toFixed(2)} % of all`,
    `longest recovery: ${longest ? `${(longest.ms / 1000).toFixed(1)} s (${longest.fault})` : 'none'}`,
    `user actions: ${formatCounts(helped)}`,
    ...(report.missed.length > 0 ? [`faults without a target: ${report.missed.join(', ')}`] : []),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}

function formatCounts(counts: Readonly<Record<string, number>>): string {
  const words = Object.entries(counts).map(([name, count]) => `${count} x "${name}"`);
  return words.length > 0 ? words.join(', ') : 'none';
}
