import { median, type Result, type RunOptions, type Scenario, toFixedOrNull } from './scenario.ts';

/** A time that is measured for several sizes. */
export interface TimedCases {
  readonly name: string;
  readonly about: string;
  /** What is timed, and what grows. */
  readonly title: string;
  readonly head: string;
  readonly cases: readonly { readonly label: string; readonly size: number }[];
  /** Measures one time, in ms. */
  measure(size: number): Promise<number>;
}

/** A scenario that measures such times. */
export function timesScenario(times: TimedCases): Scenario {
  return { name: times.name, about: times.about, run: (options) => run(times, options) };
}

async function run(
  { name, title, head, cases, measure }: TimedCases,
  { runs, onProgress: tell }: RunOptions,
): Promise<Result> {
  const measured: { label: string; ms: number[]; medianMs: number }[] = [];
  for (const { label, size } of cases) {
    const ms: number[] = [];
    for (let i = 0; i < runs; i++) ms.push(await measure(size));
    measured.push({ label, ms, medianMs: median(ms) });
    tell(`${name}: ${label} ${formatTimes(ms)} ms`);
  }
  const rows = measured.map(({ label, ms, medianMs }) => [label, formatTimes(ms), toFixedOrNull(medianMs, 0)]);
  return { figures: measured, tables: [{ title, head: [head, 'runs ms', 'median ms'], rows }] };
}

function formatTimes(ms: readonly number[]): string {
  return ms.map((time) => time.toFixed(0)).join(' ');
}
