/** What can be measured; one file each in `scenarios`. */
export interface Scenario {
  readonly name: string;
  /** One line, with the sizes. */
  readonly about: string;
  run(options: RunOptions): Promise<Result>;
}

/** What the caller asked for. */
export interface RunOptions {
  /** Of each way, where the scenario is a race. */
  readonly runs: number;
  /** Only ways whose name begins so. */
  readonly only: string;
  /** A line for who waits. */
  onProgress(line: string): void;
}

/** What was measured: the figures as they are, and the tables for people. */
export interface Result {
  readonly figures: unknown;
  readonly tables: readonly Table[];
}

export type Cell = string | number | null;

/** Numbers are rounded by whoever makes the table. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The middle one; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Rounded, for a table. */
export function toFixedOrNull(value: number | null, digits: number): string | null {
  return value === null || Number.isNaN(value) ? null : value.toFixed(digits);
}

/** A table in plain text, words to the left and numbers to the right. */
export function formatTable({ title, head, rows }: Table): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => (cell === null ? '-' : String(cell))));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [title, ...cells.map(line)].join('\n');
}
