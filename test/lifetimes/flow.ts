/** One request that brought bytes, as the server saw it. */
export interface Arrival {
  readonly startedAt: number;
  /** When how many bytes of its body came, in order. */
  readonly slices: readonly { readonly at: number; readonly bytes: number }[];
  /** Null while it is under way; `cut` when the browser gave it up. */
  readonly outcome: 'answered' | 'cut' | null;
}

/** What came in a stretch of time. */
export interface Flow {
  readonly watchedMs: number;
  /** Time in which bytes flowed: everything but the gaps that can be noticed. */
  readonly flowedMs: number;
  readonly longestGapMs: number;
  /** From the beginning of the stretch until the first byte; null when none came. */
  readonly firstAfterMs: number | null;
  /** From the beginning until the last byte; null when none came. */
  readonly lastAfterMs: number | null;
  /** Of requests that were answered. */
  readonly bytes: number;
  /** Of requests that were cut: sent for nothing. */
  readonly lostBytes: number;
  readonly cut: number;
}

/** A pause longer than this is a gap. */
const GAP_MS = 3000;

/**
 * Sums what came from one moment to another. Only bytes of requests that were not cut count as flowing: what a closed
 * connection had still in its buffers helps nobody.
 */
export function measureFlow(arrivals: readonly Arrival[], from: number, to: number): Flow {
  const within = (at: number) => at >= from && at <= to;
  const good = sortSlices(arrivals.filter(({ outcome }) => outcome !== 'cut')).filter(({ at }) => within(at));
  const lost = arrivals.filter(({ outcome, slices }) => outcome === 'cut' && within(slices.at(-1)?.at ?? 0));
  const times = good.map(({ at }) => at);
  const gaps = [from, ...times].map((at, i) => (times[i] ?? to) - at);
  return {
    watchedMs: to - from,
    flowedMs: sum(gaps.filter((ms) => ms <= GAP_MS)),
    longestGapMs: Math.max(...gaps),
    firstAfterMs: times.length > 0 ? (times[0] ?? 0) - from : null,
    lastAfterMs: times.length > 0 ? (times.at(-1) ?? 0) - from : null,
    bytes: sum(good.map(({ bytes }) => bytes)),
    lostBytes: sum(sortSlices(lost).map(({ bytes }) => bytes)),
    cut: lost.length,
  };
}

function sortSlices(arrivals: readonly Arrival[]): { at: number; bytes: number }[] {
  return arrivals.flatMap(({ slices }) => slices).sort((a, b) => a.at - b.at);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
