import { afterEach, describe, expect, it } from 'vitest';
import { expectTrueBytes, expectTrueRate } from '../../page-objects/expect-true-numbers.ts';
import { SlowLinkScene } from '../../page-objects/slow-link-scene.ts';

const RATE = 1_000_000;
const SIZE = 40_000_000;

describe('numbers of an upload at 1 MB/s', () => {
  let scene: SlowLinkScene | undefined;

  afterEach(() => scene?.close());

  it('shows what has arrived of an upload in one request', async () => {
    scene = await SlowLinkScene.open({ bytesPerSecond: RATE });
    const samples = await scene.observe(12_000_000, 20_000, {});
    expect(samples.at(-1)?.shownBytes).toBe(12_000_000);
    expectTrueBytes(samples, RATE);
    expectTrueRate(samples, RATE);
  });

  it.each([
    ['directly', false],
    ['behind a proxy that buffers requests', true],
  ])('shows what the link has transferred, each second, %s', async (_name, isBuffered) => {
    scene = await SlowLinkScene.open({ bytesPerSecond: RATE, isBuffered });
    const samples = await scene.observe(SIZE, 25_000);
    expectTrueBytes(samples, RATE);
    expectTrueRate(samples, RATE);
    const later = samples.filter(({ at }) => at >= 10_000);
    expect(later.length).toBeGreaterThan(30);
    for (const { at, secondsLeft, transferredBytes } of later) {
      const expected = (SIZE - transferredBytes) / RATE;
      // Half a second by rounding.
      expect(Math.abs((secondsLeft ?? 0) - expected), `at ${at} ms`).toBeLessThan(0.15 * expected + 0.5);
    }
  });
});
