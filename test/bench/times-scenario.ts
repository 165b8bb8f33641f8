import { fixed, median, type Result, type RunOptions, type Scenario } from './scenario.ts';

/** A time that is taken at several sizes of something. */
export interface Times {
  readonly name: string;
  readonly about: string;
  /** What is timed, and what grows. */
  readonly title: string;
  readonly head: string;
  readonly cases: readonly { readonly label: string; readonly size: number }[];
  /** One time, in ms. */
  measure(size: number): Promise<number>;
}

/** A scenario that is such a time. */
export function timesScenario(times: Times): Scenario {
  return { name: times.name, about: times.about, run: (options) => run(times, options) };
}

async function run({ name, title, head, cases, measure }: Times, { runs, tell }: RunOptions): Promise<Result> {
  const measured: { label: string; ms: number[]; medianMs: number }[] = [];
  for (const { label, size } of cases) {
    const ms: number[] = [];
    for (let i = 0; i < runs; i++) ms.push(await measure(size));
    measured.push({ label, ms, medianMs: median(ms) });
    tell(`${name}: ${label} ${rounded(ms)} ms`);
  }
  const rows = measured.map(({ label, ms, medianMs }) => [label, rounded(ms), fixed(medianMs, 0)]);
  return { figures: measured, tables: [{ title, head: [head, 'runs ms', 'median ms'], rows }] };
}

function rounded(ms: readonly number[]): string {
  return ms.map((time) => time.toFixed(0)).join(' ');
}
