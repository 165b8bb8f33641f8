import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, type Plan } from '../../../../src/shared/chunks.ts';
import { getCapabilities } from '../../../../src/shared/http/features.ts';
import type { PlanLimits } from '../../../../sw/ports/plan-limits.ts';
import { choosePlan, findBetterPlan, SESSION_CHUNK_BYTES } from '../../../../sw/send/planner.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MIB = 1024 * 1024;
const getLimits = (...features: string[]): PlanLimits => {
  const profile = { features, rejectsExtraFields: false, rateBytesPerSecond: null };
  const { limits, canRecut, fileLists } = getCapabilities(profile);
  return { ...limits, canRecut, fileLists, digests: false, ratePerRequest: null, maxInFlight: 5 };
};
const withOffsets = getLimits('idempotency_key', 'chunk_offset');
const basic = getLimits();

function getChunkBytes(plan: Plan): number {
  if (plan.way === 'direct') throw new Error('direct');
  return plan.chunkBytes;
}

describe('planner', () => {
  it('plans equal chunks of 50 MiB, or one request, at the basic level', () => {
    const large = createUpload({ sizeBytes: 350 * MIB });
    expect(choosePlan(large, basic)).toEqual({ way: 'chunks', chunkBytes: 50 * MIB, ramp: [] });
    expect(choosePlan(large, { ...basic, ratePerRequest: 1000 / 5 })).toEqual(choosePlan(large, basic));
    expect(choosePlan(createUpload({ sizeBytes: 99 * MIB }), basic)).toEqual({ way: 'direct' });
    expect(choosePlan(createUpload({ sizeBytes: 100 * MIB }), basic).way).toBe('chunks');
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
    expect(sizes({ ...withOffsets, ratePerRequest: 10e6 }).slice(0, 3)).toEqual([1, 20, 20]);
  });

  it('opens a session with 16 KiB unless chunks must be equal', () => {
    const upload = createUpload({ sizeBytes: 20 * MIB });
    const slow = { ...withOffsets, ratePerRequest: 20_000 };
    expect(choosePlan(upload, slow, SESSION_CHUNK_BYTES)).toEqual({
      way: 'chunks',
      chunkBytes: MIB,
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
    const fast = { ...withLists, ratePerRequest: 50e6 };
    expect(cut(MIB, choosePlan(createUpload({ sizeBytes: MIB, fileCount: 2 }), fast))).toHaveLength(1);
    const image = createUpload({ sizeBytes: MIB, metadata: { upload_type: 'images' } });
    expect(choosePlan(image, fast).way).toBe('chunks');
    expect(choosePlan(createUpload({ sizeBytes: MIB }), fast)).toEqual({ way: 'direct' });
  });

  it('plans chunks that take 2 to 15 s, within 1 to 50 MiB', () => {
    const rates = fc.double({ min: 20_000, max: 1e9, noNaN: true });
    const sizes = fc.integer({ min: 200 * MIB, max: 9000 * MIB });
    fc.assert(
      fc.property(sizes, rates, fc.integer({ min: 1, max: 8 }), (sizeBytes, rate, inFlight) => {
        const chunkBytes = getChunkBytes(
          choosePlan(createUpload({ sizeBytes }), {
            ...withOffsets,
            ratePerRequest: rate / inFlight,
            maxInFlight: inFlight,
          }),
        );
        expect(chunkBytes).toBeGreaterThanOrEqual(MIB);
        expect(chunkBytes).toBeLessThanOrEqual(50 * MIB);
        const seconds = (chunkBytes * inFlight) / rate;
        if (chunkBytes < 50 * MIB) expect(seconds).toBeGreaterThanOrEqual(2);
        if (chunkBytes > MIB) expect(((chunkBytes - MIB) * inFlight) / rate).toBeLessThanOrEqual(15);
      }),
    );
  });

  it('limits digested chunks to 16 MiB, except at the basic level', () => {
    const large = createUpload({ sizeBytes: 1000 * MIB });
    for (const ratePerFlight of [null, 50e6]) {
      expect(getChunkBytes(choosePlan(large, { ...withOffsets, digests: true, ratePerRequest: ratePerFlight }))).toBe(
        16 * MIB,
      );
    }
    expect(getChunkBytes(choosePlan(large, { ...basic, digests: true }))).toBe(50 * MIB);
  });

  it('plans at most 10,000 chunks', () => {
    const sizeBytes = 100_000 * MIB;
    const plan = choosePlan(createUpload({ sizeBytes }), { ...withOffsets, ratePerRequest: 1000 / 5 });
    expect(sizeBytes / getChunkBytes(plan)).toBeLessThanOrEqual(10_000);
  });

  it('cuts a small file if the connection is slow', () => {
    const small = createUpload({ sizeBytes: 20 * MIB });
    expect(choosePlan(small, { ...withOffsets, ratePerRequest: 50e6 / 5 })).toEqual({ way: 'direct' });
    expect(choosePlan(small, { ...withOffsets, ratePerRequest: 100_000 / 5 }).way).toBe('chunks');
  });

  it('stays below the chunk size that the server refused with 413', () => {
    const plan = choosePlan(createUpload({ sizeBytes: 350 * MIB }), { ...withOffsets, maxChunkBytes: 3 * MIB });
    expect(getChunkBytes(plan)).toBe(3 * MIB);
  });
});

describe('a plan with the wrong chunk size', () => {
  const plan: Plan = { way: 'chunks', chunkBytes: 50 * MIB, ramp: [] };
  const upload = createUpload({ sizeBytes: 900 * MIB });
  const slow = { ...withOffsets, ratePerRequest: 200_000 / 5 };

  it('replaces a plan while little is acknowledged', () => {
    expect(findBetterPlan(upload, plan, 50 * MIB, slow)).toMatchObject({ chunkBytes: MIB });
    expect(
      findBetterPlan(upload, { ...plan, chunkBytes: MIB }, 5 * MIB, { ...withOffsets, ratePerRequest: 100e6 / 5 }),
    ).toMatchObject({
      chunkBytes: 45 * MIB,
    });
  });

  it('keeps a plan that is good enough, far on, or cannot be cut again', () => {
    expect(findBetterPlan(upload, plan, 50 * MIB, { ...withOffsets, ratePerRequest: 20e6 / 5 })).toBeNull();
    expect(findBetterPlan(upload, plan, 300 * MIB, slow)).toBeNull();
    expect(findBetterPlan(upload, plan, 50 * MIB, { ...slow, canRecut: false })).toBeNull();
  });
});
