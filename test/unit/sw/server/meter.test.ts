import { describe, expect, it } from 'vitest';
import { Meter } from '../../../../sw/server/meter.ts';

const MB = 1e6;

describe('the rate', () => {
  it('is what the browser takes the link for, only until anything is measured', () => {
    const meter = new Meter(null, 200_000, 4);
    expect(meter.rate).toBe(200_000);
    expect(meter.ratePerRequest).toBe(50_000);
    expect(meter.measuredRate).toBeNull();
    meter.start(0);
    meter.addSample(10 * MB, 1000, 1000);
    expect(meter.rate).toBe(10 * MB);
    expect(meter.ratePerRequest).toBe(10 * MB);
  });

  it('that was measured earlier is not forgotten for one odd request', () => {
    const meter = new Meter(50 * MB, 200_000, 5);
    expect(meter.rate).toBe(50 * MB);
    meter.start(0);
    meter.addSample(MB, 600, 600);
    expect(meter.rate).toBeGreaterThan(40 * MB);
    expect(meter.ratePerRequest).toBeGreaterThan(8 * MB);
  });

  it('is null while nothing is known', () => {
    const meter = new Meter(null, null, 4);
    expect(meter.rate).toBeNull();
    expect(meter.ratePerRequest).toBeNull();
  });

  it('is not what tiny files show: that is the wait for their answers', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(1000, 500, 500);
    expect(meter.rate).toBeNull();
    meter.addSample(MB, 500, 1000);
    expect(meter.rate).toBeGreaterThan(MB);
  });

  it('does not fall while nothing is on its way', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(MB, 1000, 1000);
    meter.stop();
    meter.start(60_000);
    expect(meter.rate).toBe(MB);
  });

  it('does not fall for requests that were given up, as when an upload is handed over', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(MB, 1000, 1000);
    // Eight seconds later somebody else takes over what was on its way.
    meter.stop();
    meter.start(9000);
    meter.addSample(MB, 1000, 10_000);
    expect(meter.rate).toBeCloseTo(MB, -1);
  });

  it('does not fall for the time in which nothing moved', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(MB, 1000, 1000);
    meter.skipStall(61_000);
    meter.stop();
    expect(meter.rate).toBe(MB);
  });
});
