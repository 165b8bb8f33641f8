import { expect } from 'vitest';
import type { ShownNumbers } from './slow-link-scene.ts';

/** The heads of requests and the fields of forms, which cross the link beside the file. */
const OVERHEAD_BYTES = 100_000;
/** Between two readings of the page, and from the worker to the page. */
const READING_MS = 500;
/** The page may show what arrived this much later, in ms. */
const MAX_BEHIND_MS = 3000;
/** A few samples measure the start of the upload too, until this time in ms. */
const SETTLING_MS = 10_000;
/** The app smooths the rate over this time. */
const SMOOTHING_MS = 20_000;
/** The app shows whole seconds. */
const ROUNDING_SECONDS = 0.5;

/** Fails if the page showed bytes too early, too late or twice. */
export function expectTrueBytes(samples: readonly ShownNumbers[], bytesPerSecond: number): void {
  for (const [i, { at, shownBytes, arrivedBytes, rate }] of samples.entries()) {
    const before = samples.slice(0, i).findLast((sample) => at - sample.at >= MAX_BEHIND_MS + READING_MS);
    expect(shownBytes, `at ${at} ms, before`).toBeGreaterThanOrEqual(samples[i - 1]?.shownBytes ?? 0);
    expect(shownBytes, `at ${at} ms, arrived`).toBeLessThanOrEqual(arrivedBytes + Math.max(bytesPerSecond, rate ?? 0));
    const leastBytes = (before?.arrivedBytes ?? 0) - OVERHEAD_BYTES;
    expect(shownBytes, `at ${at} ms, arrived 3 s before`).toBeGreaterThanOrEqual(leastBytes);
  }
}

/** Fails if the page showed another rate than that of the link, which a busy machine slows down. */
export function expectTrueRate(samples: readonly ShownNumbers[]): void {
  const shown = samples.filter(({ rate }) => rate !== null);
  expect(shown.length).toBeGreaterThan(0);
  for (const sample of shown) {
    const ratio = (sample.rate ?? 0) / getLinkRate(samples, sample);
    expect(Math.abs(ratio - 1), `rate at ${sample.at} ms`).toBeLessThan(getMaxError(sample));
  }
}

/** Fails if the page showed another time left than the rate of the link explains. */
export function expectTrueTimeLeft(samples: readonly ShownNumbers[], sizeBytes: number): void {
  const later = samples.filter(({ at }) => at >= SETTLING_MS);
  expect(later.length).toBeGreaterThan(0);
  for (const sample of later) {
    const expected = (sizeBytes - sample.transferredBytes) / getLinkRate(samples, sample);
    const error = Math.abs((sample.secondsLeft ?? 0) - expected);
    expect(error, `time left at ${sample.at} ms`).toBeLessThan(getMaxError(sample) * expected + ROUNDING_SECONDS);
  }
}

/** The share by which rate and time left may differ. */
function getMaxError({ at }: ShownNumbers): number {
  return at < SETTLING_MS ? 0.3 : 0.15;
}

/** Bytes per second on the link in the last 20 s before a sample. */
function getLinkRate(samples: readonly ShownNumbers[], { at, transferredBytes }: ShownNumbers): number {
  const from = samples.find((sample) => at - sample.at <= SMOOTHING_MS);
  if (!from) throw new Error('The samples do not contain this one.');
  return ((transferredBytes - from.transferredBytes) / (at - from.at)) * 1000;
}
