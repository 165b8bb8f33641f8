import { describe, expect, it } from 'vitest';
import { Meter, type Sample } from '../../../../sw/server/meter.ts';

const MB = 1e6;

function sample(sizeBytes: number, tookMs: number, receivedMs?: number): Sample {
  return { sizeBytes, tookMs, receivedMs, inFlight: 1 };
}

describe('meter', () => {
  it('uses the estimate of the browser until it has a measurement', () => {
    const meter = new Meter(null, 200_000, 4);
    expect(meter.rate).toBe(200_000);
    expect(meter.ratePerRequest).toBe(50_000);
    expect(meter.measuredRate).toBeNull();
    meter.start(0);
    meter.addSample(sample(10 * MB, 1000), 1000);
    expect(meter.rate).toBe(10 * MB);
    expect(meter.ratePerRequest).toBe(10 * MB);
  });

  it('plans with the rate of earlier runs until this run has measured its own', () => {
    const meter = new Meter(50 * MB, 200_000, 5);
    expect([meter.rate, meter.currentRate]).toEqual([50 * MB, null]);
    meter.start(0);
    meter.addSample(sample(MB, 600), 600);
    expect([meter.rate, meter.currentRate]).toEqual([50 * MB, null]);
    expect(meter.ratePerRequest).toBe(10 * MB);
    meter.addSample(sample(5 * MB, 2600), 3200);
    expect(meter.rate).toBeGreaterThan(1.8 * MB);
    expect(meter.rate).toBeLessThan(2 * MB);
  });

  it('takes the rate from the arrival of the first body, without its wait', () => {
    const meter = new Meter(50 * MB, null, 5);
    meter.start(0);
    meter.addSample({ sizeBytes: MB, tookMs: 3000, receivedMs: 2500, inFlight: 5 }, 2900);
    expect(meter.currentRate).toBeCloseTo(2 * MB, 0);
    expect(meter.overheadMs).toBe(500);
  });

  it('has no rate before the first sample', () => {
    const meter = new Meter(null, null, 4);
    expect(meter.rate).toBeNull();
    expect(meter.ratePerRequest).toBeNull();
  });

  it('ignores tiny files, which measure only response times', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(sample(1000, 500), 500);
    expect(meter.rate).toBeNull();
    meter.addSample(sample(MB, 500), 1000);
    expect(meter.rate).toBeGreaterThan(MB);
  });

  it('leaves out idle time', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(sample(MB, 1000), 1000);
    meter.stop();
    meter.start(60_000);
    expect(meter.rate).toBe(MB);
  });

  it('leaves out aborted requests', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(sample(MB, 1000), 1000);
    // Eight seconds later a Background Fetch takes over, and the requests in flight are aborted.
    meter.stop();
    meter.start(9000);
    meter.addSample(sample(MB, 1000), 10_000);
    expect(meter.rate).toBeCloseTo(MB, -1);
  });

  it('leaves out the time of a stall', () => {
    const meter = new Meter(null, null, 4);
    meter.start(0);
    meter.addSample(sample(MB, 1000), 1000);
    meter.skipStall(61_000);
    meter.stop();
    expect(meter.rate).toBe(MB);
  });
});
