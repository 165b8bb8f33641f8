import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getRankAfter, reorder } from '../../../../src/shared/db/queue-order.ts';
import type { Upload } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const inOrder = (uploads: readonly Upload[]) => [...uploads].sort((a, b) => a.rank - b.rank);
const ids = (uploads: readonly Upload[]) => uploads.map(({ id }) => id);

function queueOf(count: number): Upload[] {
  let rank = 0;
  return Array.from({ length: count }, () => {
    rank = getRankAfter(rank);
    return { ...createUpload(), rank };
  });
}

function move(queue: readonly Upload[], from: number, to: number): { queue: Upload[]; written: number } {
  const upload = queue[from] ?? createUpload();
  const others = queue.filter(({ id }) => id !== upload.id);
  const changes = new Map(reorder(upload, others, others[to]?.id ?? null).map((each) => [each.id, each]));
  return { queue: inOrder(queue.map((each) => changes.get(each.id) ?? each)), written: changes.size };
}

describe('reorder', () => {
  it('follows any sequence of moves, with distinct ranks', () => {
    const steps = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        let queue = queueOf(8);
        let expected = ids(queue);
        for (const [from, to] of all) {
          const id = expected[from] ?? '';
          const others = expected.filter((each) => each !== id);
          expected = [...others.slice(0, to), id, ...others.slice(to)];
          queue = move(queue, from, to).queue;
          expect(ids(queue)).toEqual(expected);
          expect(new Set(queue.map(({ rank }) => rank)).size).toBe(8);
        }
      }),
    );
  });

  it('renumbers the queue when no rank is left between two uploads', () => {
    let queue = queueOf(3);
    let most = 0;
    // Each move halves the distance between the first two.
    for (let i = 0; i < 2000; i++) {
      const result = move(queue, 2, 1);
      queue = result.queue;
      most = Math.max(most, result.written);
      expect(new Set(queue.map(({ rank }) => rank)).size).toBe(3);
    }
    expect(most).toBe(3);
  });
});
