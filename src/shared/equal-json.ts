/** Compares two values by their JSON, in which the order of keys counts. */
export function hasEqualJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
