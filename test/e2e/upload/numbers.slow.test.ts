import { afterEach, describe, expect, it } from 'vitest';
import { expectTrueBytes, expectTrueRate, expectTrueTimeLeft } from '../../page-objects/expect-true-numbers.ts';
import { LONG_REQUESTS, SlowLinkScene } from '../../page-objects/slow-link-scene.ts';

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
    expectTrueRate(samples);
  });

  it.each([
    ['directly', false, LONG_REQUESTS],
    ['behind a proxy that buffers requests', true, { chunkBytes: 3 * 1024 * 1024, concurrency: 2 }],
  ])('shows what the link has transferred, each second, %s', async (_name, isBuffered, settings) => {
    scene = await SlowLinkScene.open({ bytesPerSecond: RATE, isBuffered });
    const samples = await scene.observe(SIZE, 25_000, settings);
    expectTrueBytes(samples, RATE);
    expectTrueRate(samples);
    expectTrueTimeLeft(samples, SIZE);
  });
});
