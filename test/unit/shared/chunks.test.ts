import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, halveChunks, MAX_CHUNK_BYTES, type Plan } from '../../../src/shared/chunks.ts';
import { listPieces, PIECE_BYTES } from '../../../src/shared/staging/pieces.ts';

const sizes = fc.integer({ min: 1, max: 5_000_000 });
const plans = fc.record({
  way: fc.constant('chunks' as const),
  chunkBytes: fc.integer({ min: 1000, max: 1_000_000 }),
  ramp: fc.array(fc.integer({ min: 1, max: 500_000 }), { maxLength: 8 }),
});

describe('chunks', () => {
  it('cuts equal and unequal chunks without gap or overlap', () => {
    fc.assert(
      fc.property(sizes, plans, (sizeBytes, plan) => {
        let end = 0;
        for (const [i, chunk] of cut(sizeBytes, plan).entries()) {
          expect(chunk.index).toBe(i);
          expect(chunk.start).toBe(end);
          expect(chunk.end).toBeGreaterThan(chunk.start);
          end = chunk.end;
        }
        expect(end).toBe(sizeBytes);
      }),
    );
  });

  it('cuts an empty file into one empty chunk', () => {
    expect(cut(0, { way: 'chunks', chunkBytes: MAX_CHUNK_BYTES, ramp: [] })).toEqual([{ index: 0, start: 0, end: 0 }]);
  });

  it('rejects sizes that are not positive integers', () => {
    expect(() => cut(10, { way: 'chunks', chunkBytes: 0, ramp: [] })).toThrow(RangeError);
    expect(() => cut(10, { way: 'chunks', chunkBytes: 5, ramp: [-1] })).toThrow(RangeError);
  });

  it('halves chunks after 413 down to 256 KiB', () => {
    let plan: Plan | null = { way: 'direct' };
    const tried: number[] = [];
    while (plan) {
      plan = halveChunks(plan, 90 * 1024 * 1024);
      if (plan?.way === 'chunks') tried.push(plan.chunkBytes);
    }
    expect(tried[0]).toBe(45 * 1024 * 1024);
    expect(tried.at(-1)).toBeGreaterThanOrEqual(256 * 1024);
    expect(tried.every((bytes, i) => i === 0 || bytes === Math.floor((tried[i - 1] ?? 0) / 2))).toBe(true);
  });
});

describe('pieces', () => {
  it('lists full pieces and a last one, without gap or overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000_000 }), (sizeBytes) => {
        const pieces = listPieces(sizeBytes);
        expect(pieces.map(({ n }) => n)).toEqual(pieces.map((_, i) => i));
        expect(pieces.map(({ start }) => start)).toEqual([0, ...pieces.map(({ end }) => end)].slice(0, pieces.length));
        expect(pieces.slice(0, -1).every(({ start, end }) => end - start === PIECE_BYTES)).toBe(true);
        expect(pieces.at(-1)?.end ?? 0).toBe(sizeBytes);
      }),
    );
  });
});
