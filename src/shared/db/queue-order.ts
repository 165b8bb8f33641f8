import type { Upload } from '../upload.ts';

/** Between two uploads of a queue, so that others can be moved there without touching them. */
const RANK_GAP = 1024;

/** The rank behind all others; `last` is the highest there is. */
export function getRankAfter(last: number): number {
  return last + RANK_GAP;
}

/**
 * The records that change when an upload is moved before another, or behind all where `beforeId` is null: it alone, or all of
 * them where no number is left between two.
 *
 * @param others the other uploads of its owner, in their order.
 */
export function reorder(upload: Upload, others: readonly Upload[], beforeId: string | null): Upload[] {
  const found = others.findIndex(({ id }) => id === beforeId);
  const at = found < 0 ? others.length : found;
  const low = others[at - 1]?.rank ?? 0;
  const high = others[at]?.rank ?? getRankAfter(getRankAfter(low));
  const rank = (low + high) / 2;
  if (rank > low && rank < high) return [{ ...upload, rank }];
  return [...others.slice(0, at), upload, ...others.slice(at)].map((each, i) => ({
    ...each,
    rank: (i + 1) * RANK_GAP,
  }));
}
