import type { Report } from './cuts.ts';

/** Formats the report for people. */
export function formatReport({ cuts, bytes, lostBytes, batches, isIntact }: Report): string {
  const lines = (['open', 'closed'] as const).map((tabs) => {
    const times = cuts.filter((cut) => cut.tabs === tabs).map(({ resumedAfterMs }) => resumedAfterMs);
    if (times.length === 0) return `tabs ${tabs}: no cut`;
    const middle = times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
    return `tabs ${tabs}: ${times.length} cuts, next request ${seconds(middle)} s after the network returned (median), at most ${seconds(times.at(-1) ?? Number.NaN)} s`;
  });
  const share = ((100 * lostBytes) / (bytes + lostBytes)).toFixed(1);
  return [
    ...lines,
    `${bytes} bytes in answered requests, ${share} % more in cut ones; ${batches} batch, ${isIntact ? 'intact' : 'NOT INTACT'}`,
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
