import { describe, expect, it } from 'vitest';
import { type ErrorCode, UploadError } from '../../../src/shared/errors.ts';
import { backoffMs, decide, isDue, retryAfterMs, type Situation } from '../../../sw/retry.ts';

const ordinary: Situation = {
  attempt: 1,
  failures: 0,
  exact: true,
  completing: false,
  inSession: true,
  restarted: false,
  begun: true,
  shrinks: true,
  random: 1,
};
const failed = (code: ErrorCode, facts = {}) => new UploadError(code, 'words', facts);

describe('what is done about a failed request', () => {
  it('tries again after 2 s, 4 s, and then lets the upload wait', () => {
    const decisions = [1, 2, 3].map((attempt) => decide(failed('network'), { ...ordinary, attempt }));
    expect(decisions).toEqual([
      { do: 'retry', delayMs: 2000 },
      { do: 'retry', delayMs: 4000 },
      { do: 'wait', delayMs: 8000 },
    ]);
  });

  it('waits as long as the server asks, up to five minutes', () => {
    expect(decide(failed('server_busy', { retryAfterMs: 60_000 }), ordinary)).toEqual({ do: 'retry', delayMs: 60_000 });
    expect(decide(failed('server_busy', { retryAfterMs: 9e9 }), ordinary)).toEqual({ do: 'retry', delayMs: 300_000 });
  });

  it.each([
    ['unauthorized', 'sign-in'],
    ['not_found', 'restart'],
    ['conflict', 'ask'],
    ['too_large', 'smaller'],
    ['refused', 'fail'],
    ['checksum', 'retry'],
    ['stalled', 'retry'],
    ['bad_response', 'retry'],
    ['no_batch_id', 'fail'],
  ] as const)('%s: %s', (code, what) => {
    expect(decide(failed(code), ordinary).do).toBe(what);
  });

  it('restarts a session that acknowledged nothing new only once', () => {
    expect(decide(failed('not_found'), { ...ordinary, restarted: true }).do).toBe('fail');
  });

  it('cuts smaller what stood still before anything of it arrived, as long as that helps', () => {
    expect(decide(failed('stalled'), { ...ordinary, begun: false }).do).toBe('smaller');
    expect(decide(failed('stalled'), { ...ordinary, begun: false, shrinks: false }).do).toBe('retry');
    expect(decide(failed('too_large'), { ...ordinary, shrinks: false }).do).toBe('fail');
  });

  it('asks the user instead of risking a second batch where the server cannot be asked', () => {
    const last = { ...ordinary, exact: false, completing: true };
    expect(decide(failed('network'), last).do).toBe('unconfirmed');
    expect(decide(failed('bad_response'), last).do).toBe('unconfirmed');
    expect(decide(failed('stalled'), { ...last, begun: false }).do).toBe('unconfirmed');
    expect(decide(failed('server_busy', { status: 504 }), last).do).toBe('unconfirmed');
    expect(decide(failed('server_busy', { status: 503 }), last).do).toBe('retry');
    // A failure of our own after the answer: what it said could not be stored.
    expect(decide(failed('server_busy'), last).do).toBe('unconfirmed');
    expect(decide(failed('network'), { ...last, exact: true }).do).toBe('retry');
  });
});

describe('times', () => {
  it('jitters over the whole delay', () => {
    expect([0, 0.5, 1].map((random) => backoffMs(3, random))).toEqual([0, 4000, 8000]);
  });

  it('takes a time beyond any delay for a clock that jumped', () => {
    expect(isDue(1000, 999)).toBe(false);
    expect(isDue(1000, 1000)).toBe(true);
    expect(isDue(10_000_000, 0)).toBe(true);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.parse('Tue, 24 Nov 2026 10:00:00 GMT');
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Tue, 24 Nov 2026 10:01:00 GMT', now)).toBe(60_000);
    expect(retryAfterMs('Tue, 24 Nov 2026 09:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeUndefined();
    expect(retryAfterMs(null, now)).toBeUndefined();
  });
});
