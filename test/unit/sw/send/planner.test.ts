import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, type Plan } from '../../../../src/shared/chunks.ts';
import type { PlanLimits } from '../../../../sw/ports/plan-limits.ts';
import { choosePlan, findBetterPlan, SESSION_CHUNK_BYTES } from '../../../../sw/send/planner.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MIB = 1024 * 1024;
const most = { maxChunkBytes: 50 * MIB, ratePerRequest: null, maxInFlight: 5 };
const exact: PlanLimits = { exact: true, unequal: true, digests: false, ...most };
const original: PlanLimits = { ...exact, exact: false, unequal: false };

function chunkBytesOf(plan: Plan): number {
  if (plan.way === 'direct') throw new Error('direct');
  return plan.chunkBytes;
}

describe('the plan of an upload', () => {
  it('is equal chunks of the original’s size where nothing more is known, and one request for what fits one', () => {
    const large = createUpload({ sizeBytes: 350 * MIB });
    expect(choosePlan(large, original)).toEqual({ way: 'chunks', chunkBytes: 50 * MIB, ramp: [] });
    expect(choosePlan(large, { ...original, ratePerRequest: 1000 / 5 })).toEqual(choosePlan(large, original));
    expect(choosePlan(createUpload({ sizeBytes: 99 * MIB }), original)).toEqual({ way: 'direct' });
    expect(choosePlan(createUpload({ sizeBytes: 100 * MIB }), original).way).toBe('chunks');
  });

  it('begins with a small chunk where chunks may be unequal, so that the first byte leaves soon', () => {
    const [first, second] = cut(350 * MIB, choosePlan(createUpload({ sizeBytes: 350 * MIB }), exact));
    expect([first?.end, second?.start]).toEqual([MIB, MIB]);
  });

  it('has the first wave end one after the other where no rate is known to keep its starts apart', () => {
    const sizes = (terms: PlanLimits) => {
      const upload = createUpload({ sizeBytes: 350 * MIB });
      return cut(upload.sizeBytes, choosePlan(upload, terms)).map(({ start, end }) => (end - start) / MIB);
    };
    expect(sizes(exact).slice(0, 6)).toEqual([1, 12.5, 25, 37.5, 50, 50]);
    expect(sizes({ ...exact, ratePerRequest: 10e6 }).slice(0, 3)).toEqual([1, 20, 20]);
  });

  it('begins with next to nothing where only the session is wanted, and is equal chunks where they must be', () => {
    const upload = createUpload({ sizeBytes: 20 * MIB });
    const slow = { ...exact, ratePerRequest: 20_000 };
    expect(choosePlan(upload, slow, SESSION_CHUNK_BYTES)).toEqual({
      way: 'chunks',
      chunkBytes: MIB,
      ramp: [SESSION_CHUNK_BYTES],
    });
    expect(choosePlan(upload, { ...slow, unequal: false }, SESSION_CHUNK_BYTES)).toMatchObject({ ramp: [] });
  });

  it('is one request for a batch of images', () => {
    const files = [1, 2].map((n) => ({ name: `${n}.jpg`, type: '', sizeBytes: 40 * MIB, modifiedAt: 0 }));
    const images = { ...createUpload({ sizeBytes: 80 * MIB }), files };
    expect(choosePlan(images, exact)).toEqual({ way: 'direct' });
  });

  it('has chunks that take 2 to 15 s with the others beside them, within 1 to 50 MiB', () => {
    const rates = fc.double({ min: 20_000, max: 1e9, noNaN: true });
    const sizes = fc.integer({ min: 200 * MIB, max: 9000 * MIB });
    fc.assert(
      fc.property(sizes, rates, fc.integer({ min: 1, max: 8 }), (sizeBytes, rate, inFlight) => {
        const chunkBytes = chunkBytesOf(
          choosePlan(createUpload({ sizeBytes }), { ...exact, ratePerRequest: rate / inFlight, maxInFlight: inFlight }),
        );
        expect(chunkBytes).toBeGreaterThanOrEqual(MIB);
        expect(chunkBytes).toBeLessThanOrEqual(50 * MIB);
        const seconds = (chunkBytes * inFlight) / rate;
        if (chunkBytes < 50 * MIB) expect(seconds).toBeGreaterThanOrEqual(2);
        if (chunkBytes > MIB) expect(((chunkBytes - MIB) * inFlight) / rate).toBeLessThanOrEqual(15);
      }),
    );
  });

  it('has no chunk that is too large to be hashed in little memory, except where the server wants them so', () => {
    const large = createUpload({ sizeBytes: 1000 * MIB });
    for (const ratePerFlight of [null, 50e6]) {
      expect(chunkBytesOf(choosePlan(large, { ...exact, digests: true, ratePerRequest: ratePerFlight }))).toBe(
        16 * MIB,
      );
    }
    expect(chunkBytesOf(choosePlan(large, { ...original, digests: true }))).toBe(50 * MIB);
  });

  it('never has more chunks than can be kept account of', () => {
    const sizeBytes = 100_000 * MIB;
    const plan = choosePlan(createUpload({ sizeBytes }), { ...exact, ratePerRequest: 1000 / 5 });
    expect(sizeBytes / chunkBytesOf(plan)).toBeLessThanOrEqual(10_000);
  });

  it('cuts a small file too where the link needs minutes for it', () => {
    const small = createUpload({ sizeBytes: 20 * MIB });
    expect(choosePlan(small, { ...exact, ratePerRequest: 50e6 / 5 })).toEqual({ way: 'direct' });
    expect(choosePlan(small, { ...exact, ratePerRequest: 100_000 / 5 }).way).toBe('chunks');
  });

  it('obeys what the server said with a 413', () => {
    const plan = choosePlan(createUpload({ sizeBytes: 350 * MIB }), { ...exact, maxChunkBytes: 3 * MIB });
    expect(chunkBytesOf(plan)).toBe(3 * MIB);
  });
});

describe('a plan that proved bad', () => {
  const plan: Plan = { way: 'chunks', chunkBytes: 50 * MIB, ramp: [] };
  const upload = createUpload({ sizeBytes: 900 * MIB });
  const slow = { ...exact, ratePerRequest: 200_000 / 5 };

  it('is made anew while little is done', () => {
    expect(findBetterPlan(upload, plan, 50 * MIB, slow)).toMatchObject({ chunkBytes: MIB });
    expect(
      findBetterPlan(upload, { ...plan, chunkBytes: MIB }, 5 * MIB, { ...exact, ratePerRequest: 100e6 / 5 }),
    ).toMatchObject({
      chunkBytes: 45 * MIB,
    });
  });

  it('stays when it will do, when much is done, or when the server could not take another', () => {
    expect(findBetterPlan(upload, plan, 50 * MIB, { ...exact, ratePerRequest: 20e6 / 5 })).toBeNull();
    expect(findBetterPlan(upload, plan, 300 * MIB, slow)).toBeNull();
    expect(findBetterPlan(upload, plan, 50 * MIB, { ...slow, unequal: false })).toBeNull();
  });
});
