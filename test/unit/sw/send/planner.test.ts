import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, type Plan, resizeRest } from '../../../../src/shared/chunks.ts';
import { getCapabilities } from '../../../../src/shared/http/features.ts';
import type { PlanLimits } from '../../../../sw/ports/plan-limits.ts';
import {
  chooseBundleBytes,
  choosePlan,
  findBetterPlan,
  findBetterSize,
  SESSION_CHUNK_BYTES,
} from '../../../../sw/send/planner.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MIB = 1024 * 1024;
const getLimits = (...features: string[]): PlanLimits => {
  const { limits, fileLists } = getCapabilities({ features, rejectsExtraFields: false, rateBytesPerSecond: null });
  return { ...limits, fileLists, digests: false, rate: null, inFlight: 5, flightSeconds: 2.5 };
};
const withOffsets = getLimits('idempotency_key', 'chunk_offset');
const basic = getLimits();

function getChunkBytes(plan: Plan): number {
  if (plan.way === 'direct') throw new Error('direct');
  return plan.chunkBytes;
}

describe('planner', () => {
  it('plans equal chunks that follow the rate at the basic level', () => {
    const large = createUpload({ sizeBytes: 350 * MIB });
    expect(choosePlan(large, basic)).toEqual({ way: 'chunks', chunkBytes: 16 * MIB, ramp: [] });
    expect(choosePlan(large, { ...basic, rate: 2e6 })).toEqual({ way: 'chunks', chunkBytes: MIB, ramp: [] });
    expect(choosePlan(large, { ...basic, rate: 1e9 })).toEqual({ way: 'chunks', chunkBytes: 50 * MIB, ramp: [] });
  });

  it('sends whole at the basic level only if a cut costs little', () => {
    const file = createUpload({ sizeBytes: 99 * MIB });
    const plan = (limits: Partial<PlanLimits>) => choosePlan(file, { ...basic, ...limits }).way;
    expect([plan({}), plan({ rate: 2e6 }), plan({ rate: 20e6 })]).toEqual(['chunks', 'chunks', 'direct']);
    expect(plan({ rate: 20e6, flightSeconds: 0.6 })).toBe('chunks');
    expect(choosePlan(createUpload({ sizeBytes: 16 * MIB }), basic)).toEqual({ way: 'direct' });
    expect(choosePlan(createUpload({ sizeBytes: 100 * MIB }), { ...basic, rate: 1e9 }).way).toBe('chunks');
  });

  it('starts with a small chunk if chunks may be unequal', () => {
    const [first, second] = cut(350 * MIB, choosePlan(createUpload({ sizeBytes: 350 * MIB }), withOffsets));
    expect([first?.end, second?.start]).toEqual([MIB, MIB]);
  });

  it('grades the first wave of chunks while no rate is known', () => {
    const sizes = (terms: PlanLimits) => {
      const upload = createUpload({ sizeBytes: 350 * MIB });
      return cut(upload.sizeBytes, choosePlan(upload, terms)).map(({ start, end }) => (end - start) / MIB);
    };
    expect(sizes(withOffsets).slice(0, 6)).toEqual([1, 12.5, 25, 37.5, 50, 50]);
    expect(sizes({ ...withOffsets, rate: 40 * MIB }).slice(0, 3)).toEqual([1, 20, 20]);
  });

  it('opens a session with 16 KiB unless chunks must be equal', () => {
    const upload = createUpload({ sizeBytes: 20 * MIB });
    const slow = { ...withOffsets, rate: 100_000 };
    expect(choosePlan(upload, slow, SESSION_CHUNK_BYTES)).toEqual({
      way: 'chunks',
      chunkBytes: MIB / 4,
      ramp: [SESSION_CHUNK_BYTES],
    });
    expect(choosePlan(upload, { ...slow, equalChunks: true }, SESSION_CHUNK_BYTES)).toMatchObject({ ramp: [] });
  });

  it('sends many files whole unless the server lists file_list', () => {
    const images = createUpload({ sizeBytes: 80 * MIB, fileCount: 300 });
    expect(choosePlan(images, withOffsets)).toEqual({ way: 'direct' });
    const withLists = getLimits('idempotency_key', 'chunk_offset', 'file_size', 'file_list');
    expect(choosePlan(images, withLists).way).toBe('chunks');
  });

  it('sends many small files in one chunk with their list', () => {
    const withLists = getLimits('idempotency_key', 'chunk_offset', 'file_size', 'file_list');
    const fast = { ...withLists, rate: 250e6 };
    expect(cut(MIB, choosePlan(createUpload({ sizeBytes: MIB, fileCount: 2 }), fast))).toHaveLength(1);
    const image = createUpload({ sizeBytes: MIB, metadata: { upload_type: 'images' } });
    expect(choosePlan(image, fast).way).toBe('chunks');
    expect(choosePlan(createUpload({ sizeBytes: MIB }), fast)).toEqual({ way: 'direct' });
  });

  it('plans five chunks for the bytes in flight, within 256 KiB to 50 MiB', () => {
    const rates = fc.double({ min: 20_000, max: 1e9, noNaN: true });
    const sizes = fc.integer({ min: 200 * MIB, max: 2500 * MIB });
    const seconds = fc.double({ min: 0.6, max: 2.5, noNaN: true });
    fc.assert(
      fc.property(sizes, rates, seconds, (sizeBytes, rate, flightSeconds) => {
        const plan = choosePlan(createUpload({ sizeBytes }), { ...withOffsets, rate, flightSeconds });
        const chunkBytes = getChunkBytes(plan);
        expect(chunkBytes).toBeGreaterThanOrEqual(MIB / 4);
        expect(chunkBytes).toBeLessThanOrEqual(50 * MIB);
        const flightBytes = rate * flightSeconds;
        if (chunkBytes < 50 * MIB) expect(5 * chunkBytes).toBeGreaterThanOrEqual(flightBytes);
        if (chunkBytes > MIB / 4) expect(5 * (chunkBytes - MIB / 4)).toBeLessThanOrEqual(flightBytes);
      }),
    );
  });

  it('limits digested chunks to 16 MiB', () => {
    const large = createUpload({ sizeBytes: 1000 * MIB });
    for (const rate of [null, 250e6]) {
      expect(getChunkBytes(choosePlan(large, { ...withOffsets, digests: true, rate }))).toBe(16 * MIB);
    }
  });

  it('plans at most 10,000 chunks', () => {
    const sizeBytes = 100_000 * MIB;
    const plan = choosePlan(createUpload({ sizeBytes }), { ...withOffsets, rate: 1000 });
    expect(sizeBytes / getChunkBytes(plan)).toBeLessThanOrEqual(10_000);
  });

  it('cuts a small file if the connection is slow', () => {
    const small = createUpload({ sizeBytes: 20 * MIB });
    expect(choosePlan(small, { ...withOffsets, rate: 50e6 })).toEqual({ way: 'direct' });
    expect(choosePlan(small, { ...withOffsets, rate: 100_000 }).way).toBe('chunks');
  });

  it('stays below the chunk size that the server refused with 413', () => {
    const plan = choosePlan(createUpload({ sizeBytes: 350 * MIB }), { ...withOffsets, maxChunkBytes: 3 * MIB });
    expect(getChunkBytes(plan)).toBe(3 * MIB);
  });
});

describe('bundle size', () => {
  it('is that of a chunk, and small before the link is measured', () => {
    const fast = { ...withOffsets, rate: 40 * MIB };
    expect(chooseBundleBytes(fast, true)).toBe(20 * MIB);
    expect(chooseBundleBytes(fast, false)).toBe(MIB / 4);
    expect(chooseBundleBytes({ ...fast, maxChunkBytes: 100_000 }, false)).toBe(100_000);
  });
});

describe('a plan with the wrong chunk size', () => {
  const plan: Plan = { way: 'chunks', chunkBytes: 50 * MIB, ramp: [] };
  const upload = createUpload({ sizeBytes: 900 * MIB });
  const slow = { ...withOffsets, rate: 200_000 };

  it('replaces a plan while little is acknowledged', () => {
    expect(findBetterPlan(upload, plan, 50 * MIB, slow)).toMatchObject({ chunkBytes: MIB / 4 });
    const small = { ...plan, chunkBytes: MIB };
    const fast = { ...withOffsets, rate: 90e6 };
    expect(findBetterPlan(upload, small, 5 * MIB, fast)).toMatchObject({ chunkBytes: 43 * MIB });
  });

  it('keeps a plan that is good enough or far on', () => {
    expect(findBetterPlan(upload, plan, 50 * MIB, { ...withOffsets, rate: 100e6 })).toBeNull();
    expect(findBetterPlan(upload, plan, 300 * MIB, slow)).toBeNull();
  });

  it('gives the rest another size only if that changes much', () => {
    const small = { ...plan, chunkBytes: 4 * MIB };
    const sizeAt = (mebibytes: number) => findBetterSize(upload, small, { ...withOffsets, rate: 2 * mebibytes * MIB });
    expect([sizeAt(3), sizeAt(5), sizeAt(6), sizeAt(2)]).toEqual([null, null, 6 * MIB, 2 * MIB]);
  });

  it('keeps the chunks that were sent when the rest changes its size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 90 }),
        (sizeBytes, ramp, chunkBytes, keptCount, nextBytes) => {
          const before = cut(sizeBytes, { way: 'chunks', chunkBytes, ramp });
          const after = cut(
            sizeBytes,
            resizeRest(sizeBytes, { way: 'chunks', chunkBytes, ramp }, keptCount, nextBytes),
          );
          expect(after.slice(0, keptCount)).toEqual(before.slice(0, keptCount));
          expect(after.at(-1)?.end).toBe(sizeBytes);
          for (const { start, end } of after.slice(keptCount, -1)) expect(end - start).toBe(nextBytes);
        },
      ),
    );
  });
});
