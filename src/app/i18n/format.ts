import { language } from './catalogue.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const numbers = memoize((options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language(), options));
const dates = memoize((options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language(), options));
const lists = memoize((options: Intl.ListFormatOptions) => new Intl.ListFormat(language(), options));

/** A plain number. */
export function formatNumber(n: number): string {
  return numbers({ maximumFractionDigits: 1 }).format(n);
}

/** A share of a whole, 0 to 1. */
export function formatPercent(share: number): string {
  return numbers({ style: 'percent' }).format(share);
}

/** A size as people read it: 1 MB is a million bytes. */
export function formatBytes(count: number): string {
  const [unit, value] = scaled(count);
  // Written out they have a plural, which "byte" lacks among the short ones.
  const unitDisplay = unit === 'byte' ? 'long' : 'short';
  return numbers({ style: 'unit', unit, unitDisplay, ...digits(value, unit) }).format(value);
}

/** Bytes per second as people read them. */
export function formatRate(bytesPerSecond: number): string {
  const [unit, value] = scaled(bytesPerSecond);
  return numbers({ style: 'unit', unit: `${unit}-per-second`, ...digits(value, unit) }).format(value);
}

/** A time left as people read it: no more than two units, never "0". */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return formatUnit('second', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return formatUnit('minute', minutes);
  if (minutes < 48 * 60) return joinUnits(formatUnit('hour', Math.floor(minutes / 60)), minutes % 60, 'minute');
  return joinUnits(formatUnit('day', Math.floor(minutes / 1440)), Math.floor((minutes % 1440) / 60), 'hour');
}

/** A day as people read it. */
export function formatDate(at: number): string {
  return dates({ day: 'numeric', month: 'long' }).format(at);
}

/** A moment, in ms since 1970, by this device's clock. */
export function formatDateTime(at: number): string {
  return dates({ dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** Some things one after another, as the language says them. */
export function formatList(parts: readonly string[]): string {
  return lists({ type: 'conjunction' }).format(parts);
}

function joinUnits(large: string, rest: number, unit: string): string {
  if (rest === 0) return large;
  return lists({ type: 'unit', style: 'narrow' }).format([large, formatUnit(unit, rest)]);
}

function formatUnit(unit: string, value: number): string {
  return numbers({ style: 'unit', unit }).format(value);
}

function scaled(count: number): [(typeof UNITS)[number], number] {
  const step = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  return [UNITS[step] ?? 'byte', count / 1000 ** step];
}

/** Two or three figures, and always the same number of them, so that a line does not tremble while it counts. */
function digits(value: number, unit: string): Intl.NumberFormatOptions {
  const figures = unit === 'byte' || value >= 100 ? 0 : 1;
  return { minimumFractionDigits: figures, maximumFractionDigits: figures };
}

/** Making a formatter takes longer than drawing a row: each is made once for a language. */
function memoize<O, F>(make: (options: O) => F): (options: O) => F {
  const made = new Map<string, F>();
  return (options) => {
    const key = `${language()} ${JSON.stringify(options)}`;
    const format = made.get(key) ?? make(options);
    made.set(key, format);
    return format;
  };
}
