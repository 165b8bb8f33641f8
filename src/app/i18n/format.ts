import { getLanguage } from './catalogue.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const MINUTES_PER_DAY = 24 * 60;

const numbers = memoize((options: Intl.NumberFormatOptions) => new Intl.NumberFormat(getLanguage(), options));
const dates = memoize((options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(getLanguage(), options));
const lists = memoize((options: Intl.ListFormatOptions) => new Intl.ListFormat(getLanguage(), options));

export function formatNumber(n: number): string {
  return numbers({ maximumFractionDigits: 1 }).format(n);
}

/** @param share from 0 to 1. */
export function formatPercent(share: number): string {
  return numbers({ style: 'percent' }).format(share);
}

/** Decimal units: 1 MB is a million bytes. */
export function formatBytes(count: number): string {
  const [unit, value] = scale(count);
  // The short form of "byte" has no plural.
  const unitDisplay = unit === 'byte' ? 'long' : 'short';
  return numbers({ style: 'unit', unit, unitDisplay, ...getDigits(value, unit) }).format(value);
}

/**
 * The bytes of a part, without the unit where the total has the same one: the "2.0" of "2.0 of 20
 * MB".
 */
export function formatPartOfBytes(part: number, total: number): string {
  const [unit, value] = scale(part);
  const [totalUnit] = scale(total);
  return unit === totalUnit ? numbers(getDigits(value, unit)).format(value) : formatBytes(part);
}

export function formatRate(bytesPerSecond: number): string {
  const [unit, value] = scale(bytesPerSecond);
  return numbers({ style: 'unit', unit: `${unit}-per-second`, ...getDigits(value, unit) }).format(value);
}

/** At most two units, and at least one second. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return formatUnit('second', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return formatUnit('minute', minutes);
  if (minutes < 2 * MINUTES_PER_DAY) {
    return joinUnits(formatUnit('hour', Math.floor(minutes / 60)), minutes % 60, 'minute');
  }
  const days = Math.floor(minutes / MINUTES_PER_DAY);
  return joinUnits(formatUnit('day', days), Math.floor((minutes % MINUTES_PER_DAY) / 60), 'hour');
}

/** @param time in ms since 1970. */
export function formatDate(time: number): string {
  return dates({ day: 'numeric', month: 'long' }).format(time);
}

/** @param time in ms since 1970. */
export function formatDateTime(time: number): string {
  return dates({ dateStyle: 'medium', timeStyle: 'medium' }).format(time);
}

/** "a, b and c". */
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

function scale(count: number): [(typeof UNITS)[number], number] {
  const step = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  return [UNITS[step] ?? 'byte', count / 1000 ** step];
}

/** A fixed number of decimals, so that a line keeps its width while it counts. */
function getDigits(value: number, unit: string): Intl.NumberFormatOptions {
  const decimals = unit === 'byte' || value >= 100 ? 0 : 1;
  return { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
}

/** Creates each formatter once per language: creating one takes longer than rendering a row. */
function memoize<O, F>(create: (options: O) => F): (options: O) => F {
  const formats = new Map<string, F>();
  return (options) => {
    const key = `${getLanguage()} ${JSON.stringify(options)}`;
    const format = formats.get(key) ?? create(options);
    formats.set(key, format);
    return format;
  };
}
