/** One upload request, as the server saw it. */
export interface Arrival {
  readonly startedAt: number;
  /** The received bytes of its body with their time, in order. */
  readonly slices: readonly { readonly at: number; readonly bytes: number }[];
  /** Null while it is running, `cut` when the browser closed it. */
  readonly outcome: 'answered' | 'cut' | null;
}

/** The flow of bytes in a period. */
export interface Flow {
  readonly watchedMs: number;
  /** The time in which bytes flowed, without long gaps. */
  readonly flowedMs: number;
  readonly longestGapMs: number;
  /** From the start of the period to the first byte. Null without bytes. */
  readonly firstAfterMs: number | null;
  /** From the start of the period to the last byte. Null without bytes. */
  readonly lastAfterMs: number | null;
  /** Of answered requests. */
  readonly bytes: number;
  /** Of cut requests, which have to be sent again. */
  readonly lostBytes: number;
  readonly cut: number;
}

/** A longer pause is a gap. */
const GAP_MS = 3000;

/**
 * Measures the flow between two times. Bytes of cut requests do not count as flow, because they
 * have to be sent again.
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
