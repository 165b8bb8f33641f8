/** The weight of the latest value in an average. */
const LATEST_WEIGHT = 0.3;

/** Adds a value to an average in which recent values weigh most; null before the first value. */
export function average(before: number | null, latest: number): number {
  return before === null ? latest : LATEST_WEIGHT * latest + (1 - LATEST_WEIGHT) * before;
}
