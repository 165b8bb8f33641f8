import { describe, expect, it } from 'vitest';
import { Link } from '../../../../sw/server/link.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';

/** A link whose clock the test sets, with the middle of all jitter. */
function createLink(averageUpMs: number | null = null) {
  const state = { now: 0 };
  const clock = { ...createTickClock(() => state.now), random: () => 0.5 };
  return { link: new Link(clock, averageUpMs), state };
}

/** When the probes of an outage start that never get through, in ms after its first failure. */
function listProbeTimes(count: number): number[] {
  const { link, state } = createLink();
  link.onFailure();
  return Array.from({ length: count }, () => {
    state.now += link.probeInMs;
    link.onProbeFailed();
    return Math.round(state.now);
  });
}

describe('Link', () => {
  it('probes immediately, then after a twentieth of the outage', () => {
    expect(listProbeTimes(5)).toEqual([0, 100, 200, 300, 400]);
    const late = listProbeTimes(160).filter((time) => time > 5000 && time < 50_000);
    for (const [i, time] of late.slice(1).entries()) expect(time / (late[i] ?? 0)).toBeCloseTo(1.05, 2);
    expect(Math.max(...listProbeTimes(400).map((time, i, all) => time - (all[i - 1] ?? 0)))).toBe(5000);
  });

  it('is suspect from a failure to the next response', () => {
    const { link } = createLink();
    expect([link.isSuspect, link.isDown]).toEqual([false, false]);
    link.onFailure();
    expect([link.isSuspect, link.isDown]).toEqual([true, false]);
    link.onProbeFailed();
    expect([link.isSuspect, link.isDown]).toEqual([true, true]);
    link.onResponse();
    expect([link.isSuspect, link.isDown]).toEqual([false, false]);
  });

  it('probes immediately after a change of the network', () => {
    const { link, state } = createLink();
    link.onFailure();
    state.now = 30_000;
    link.onProbeFailed();
    expect(link.probeInMs).toBe(1500);
    link.onNetworkChange();
    expect(link.probeInMs).toBe(0);
  });

  it('calls an outage of more than 10 s long', () => {
    const { link, state } = createLink();
    link.onFailure();
    state.now = 10_000;
    expect(link.isOutageLong).toBe(false);
    state.now = 10_001;
    expect(link.isOutageLong).toBe(true);
    link.onResponse();
    expect(link.isOutageLong).toBe(false);
  });

  it('learns the time between two failures', () => {
    const { link, state } = createLink();
    expect(link.averageUpMs).toBeNull();
    for (let cut = 0; cut < 20; cut++) {
      state.now += 12_000;
      link.onFailure();
      link.onProbeFailed();
      state.now += 3000;
      link.onResponse();
    }
    expect(link.averageUpMs).toBeCloseTo(12_000, 0);
    state.now += 100_000;
    expect(link.averageUpMs).toBe(100_000);
  });

  it('counts connections that fail together once', () => {
    const { link, state } = createLink();
    state.now = 4000;
    link.onFailure();
    link.onFailure();
    link.onResponse();
    expect(link.averageUpMs).toBe(4000);
  });
});
