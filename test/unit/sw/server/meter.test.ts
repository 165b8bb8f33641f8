import { describe, expect, it } from 'vitest';
import { Meter } from '../../../../sw/server/meter.ts';

const MB = 1e6;

describe('meter', () => {
  it('uses the estimate of the browser until it has a measurement', () => {
    const meter = new Meter(null, 200_000, 4);
    expect(meter.rate).toBe(200_000);
    expect(meter.ratePerRequest).toBe(50_000);
    expect(meter.measuredRate).toBeNull();
    meter.start(0);
    meter.addSample(10 * MB, 1000, 1000);
    expect(meter.rate).toBe(10 * MB);
    expect(meter.ratePerRequest).toBe(10 * MB);
  });

  it('keeps the rate of earlier runs after one odd request', () => {
    const meter = new Meter(50 * MB, 200_000, 5);
    expect(meter.rate).toBe(50 * MB);
    meter.start(0);
    meter.addSample(MB, 600, 600);
    expect(meter.rate).toBeGreaterThan(40 * MB);
    expect(meter.ratePerRequest).toBeGreaterThan(8 * MB);
  });

  it('has no rate before the first sample', () => {
    const meter = new Meter(null, null, 4);
    expect(meter.rate).toBeNull();
    expect(meter.ratePerRequest).toBeNull();
  });

  it('ignores tiny files, which measure only response times', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(1000, 500, 500);
    expect(meter.rate).toBeNull();
    meter.addSample(MB, 500, 1000);
    expect(meter.rate).toBeGreaterThan(MB);
  });

  it('leaves out idle time', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(MB, 1000, 1000);
    meter.stop();
    meter.start(60_000);
    expect(meter.rate).toBe(MB);
  });

  it('leaves out aborted requests', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(MB, 1000, 1000);
    // Eight seconds later a Background Fetch takes over, and the requests in flight are aborted.
    meter.stop();
    meter.start(9000);
    meter.addSample(MB, 1000, 10_000);
    expect(meter.rate).toBeCloseTo(MB, -1);
  });

  it('leaves out the time of a stall', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(MB, 1000, 1000);
    meter.skipStall(61_000);
    meter.stop();
    expect(meter.rate).toBe(MB);
  });
});
