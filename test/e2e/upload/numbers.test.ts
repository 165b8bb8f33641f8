import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectTrueBytes, expectTrueRate } from '../../page-objects/expect-true-numbers.ts';
import { SlowLinkScene } from '../../page-objects/slow-link-scene.ts';

const RATE = 2_000_000;

// `numbers.slow.test.ts` observes for longer, and behind a proxy.
describe('numbers of an upload over a slow link', () => {
  let scene: SlowLinkScene;

  beforeAll(async () => {
    scene = await SlowLinkScene.open({ bytesPerSecond: RATE });
  });

  afterAll(() => scene?.close());

  it('shows the bytes that have arrived, and the rate of the link', async () => {
    const samples = await scene.observe(40_000_000, 8000);
    expectTrueBytes(samples, RATE);
    expectTrueRate(samples);
    // A rate of an earlier visit is not shown.
    expect(samples.find(({ rate }) => rate !== null)?.arrivedBytes).toBeGreaterThan(RATE);
  });
});
