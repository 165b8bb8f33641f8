import { expect } from 'vitest';
import type { ShownNumbers } from './slow-link-scene.ts';

/** The heads of requests and the fields of forms, which cross the link beside the file. */
const OVERHEAD_BYTES = 100_000;
/** Between two readings of the page, and from the worker to the page. */
const READING_MS = 500;
/** The page may show what arrived this much later, in ms. */
const MAX_BEHIND_MS = 3000;

/** Fails if the page showed bytes too early, too late or twice. */
export function expectTrueBytes(samples: readonly ShownNumbers[], bytesPerSecond: number): void {
  for (const [i, { at, shownBytes, arrivedBytes }] of samples.entries()) {
    const before = samples.slice(0, i).findLast((sample) => at - sample.at >= MAX_BEHIND_MS + READING_MS);
    expect(shownBytes, `at ${at} ms, before`).toBeGreaterThanOrEqual(samples[i - 1]?.shownBytes ?? 0);
    expect(shownBytes, `at ${at} ms, arrived`).toBeLessThanOrEqual(arrivedBytes + bytesPerSecond);
    const leastBytes = (before?.arrivedBytes ?? 0) - OVERHEAD_BYTES;
    expect(shownBytes, `at ${at} ms, arrived 3 s before`).toBeGreaterThanOrEqual(leastBytes);
  }
}

/** Fails if the page showed another rate than that of the link. */
export function expectTrueRate(samples: readonly ShownNumbers[], bytesPerSecond: number): void {
  const rates = samples.flatMap(({ rate }) => rate ?? []);
  expect(rates.length).toBeGreaterThan(0);
  expect(Math.min(...rates)).toBeGreaterThan(0.85 * bytesPerSecond);
  expect(Math.max(...rates)).toBeLessThan(1.15 * bytesPerSecond);
}
