/** A measurement. Each has a file in `scenarios`. */
export interface Scenario {
  readonly name: string;
  /** One line, with the sizes. */
  readonly about: string;
  run(options: RunOptions): Promise<Result>;
}

/** Options from the command line. */
export interface RunOptions {
  /** Runs of each entry of a race. */
  readonly runs: number;
  /** Only entries whose name starts with this. */
  readonly only: string;
  /** Called with a line about the progress. */
  onProgress(line: string): void;
}

/** The figures, and the tables for people. */
export interface Result {
  readonly figures: unknown;
  readonly tables: readonly Table[];
}

export type Cell = string | number | null;

/** The creator of the table rounds the numbers. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The median. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Rounds a number for a table. */
export function toFixedOrNull(value: number | null, digits: number): string | null {
  return value === null || Number.isNaN(value) ? null : value.toFixed(digits);
}

/** Formats a table as plain text, the first column aligned left, the others right. */
export function formatTable({ title, head, rows }: Table): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => (cell === null ? '-' : String(cell))));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [title, ...cells.map(line)].join('\n');
}
