import { describe, expect, it } from 'vitest';
import { UploadError } from '../../../../src/shared/errors.ts';
import { Link } from '../../../../sw/server/link.ts';
import { createTickClock } from '../../../fixtures/tick-clock.ts';

const network = new UploadError('network', 'The server could not be reached.');
const signIn = new UploadError('network_sign_in', 'Your network asks you to sign in.');

/** A link whose clock the test sets, with the middle of all jitter. */
function createLink(averageUpMs: number | null = null) {
  const state = { now: 0 };
  const clock = { ...createTickClock(() => state.now), random: () => 0.5 };
  return { link: new Link(clock, averageUpMs), state };
}

/** When the probes of an outage start that never get through, in ms after its first failure. */
function listProbeTimes(count: number): number[] {
  const { link, state } = createLink();
  link.onError(network);
  return Array.from({ length: count }, () => {
    state.now += link.probeInMs;
    link.onProbeFailed(network);
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
    link.onError(network);
    expect([link.isSuspect, link.isDown]).toEqual([true, false]);
    link.onProbeFailed(network);
    expect([link.isSuspect, link.isDown]).toEqual([true, true]);
    link.onResponse();
    expect([link.isSuspect, link.isDown]).toEqual([false, false]);
  });

  it('probes immediately after a change of the network', () => {
    const { link, state } = createLink();
    link.onError(network);
    state.now = 30_000;
    link.onProbeFailed(network);
    expect(link.probeInMs).toBe(1500);
    link.onNetworkChange();
    expect(link.probeInMs).toBe(0);
  });

  it('calls an outage of more than 10 s long', () => {
    const { link, state } = createLink();
    link.onError(network);
    state.now = 10_000;
    expect(link.isOutageLong).toBe(false);
    state.now = 10_001;
    expect(link.isOutageLong).toBe(true);
    link.onResponse();
    expect(link.isOutageLong).toBe(false);
  });

  it('waits at once for the sign-in of a network that a probe meets too', () => {
    const { link } = createLink();
    link.onError(signIn);
    expect([link.failure, link.isOutageLong]).toEqual([signIn, false]);
    link.onProbeFailed(signIn);
    expect(link.isOutageLong).toBe(true);
    link.onResponse();
    expect([link.failure, link.isOutageLong]).toEqual([null, false]);
  });

  it('knows the latest failure of an outage', () => {
    const { link } = createLink();
    expect(link.isKnown).toBe(false);
    link.onError(network);
    link.onProbeFailed(signIn);
    expect([link.failure, link.isKnown]).toEqual([signIn, true]);
  });

  it.each(['server_busy', 'gateway_error', 'network_sign_in'] as const)('is proved by a response with %s', (code) => {
    const { link } = createLink();
    link.onError(network);
    link.onError(new UploadError(code, 'The server is unavailable.', { status: 503 }));
    expect([link.failure, link.isKnown]).toEqual([null, true]);
  });

  it('learns the time between two failures', () => {
    const { link, state } = createLink();
    expect(link.averageUpMs).toBeNull();
    for (let cut = 0; cut < 20; cut++) {
      state.now += 12_000;
      link.onError(network);
      link.onProbeFailed(network);
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
    link.onError(network);
    link.onError(network);
    link.onResponse();
    expect(link.averageUpMs).toBe(4000);
  });
});
