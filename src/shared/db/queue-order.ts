import type { Upload } from '../upload.ts';

/** The distance between two ranks, which leaves room to move uploads between them. */
const RANK_GAP = 1024;

/** The rank at the end of a queue whose highest rank is `last`. */
export function getRankAfter(last: number): number {
  return last + RANK_GAP;
}

/**
 * The records that change when an upload moves before another one, or to the end if `beforeId` is
 * null: only the moved one, or all of them if no number is left between two ranks.
 *
 * @param others the other uploads of its owner, in their order.
 */
export function reorder(upload: Upload, others: readonly Upload[], beforeId: string | null): Upload[] {
  const found = others.findIndex(({ id }) => id === beforeId);
  const position = found < 0 ? others.length : found;
  const low = others[position - 1]?.rank ?? 0;
  const high = others[position]?.rank ?? getRankAfter(getRankAfter(low));
  const rank = (low + high) / 2;
  if (rank > low && rank < high) return [{ ...upload, rank }];
  const queue = [...others.slice(0, position), upload, ...others.slice(position)];
  return queue.map((each, i) => ({ ...each, rank: (i + 1) * RANK_GAP }));
}
