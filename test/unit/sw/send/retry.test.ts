import { describe, expect, it } from 'vitest';
import { type ErrorCode, UploadError } from '../../../../src/shared/errors.ts';
import { decideRecovery, getBackoffMs, isDue, type RetryContext } from '../../../../sw/send/retry.ts';

const ordinary: RetryContext = {
  attempt: 1,
  failures: 0,
  resendIsSafe: true,
  couldComplete: false,
  hasSession: true,
  restarted: false,
  hasProgress: true,
  canShrink: true,
  random: 1,
};
const failed = (code: ErrorCode, facts = {}) => new UploadError(code, 'words', facts);

describe('what is done about a failed request', () => {
  it('tries again after 2 s, 4 s, and then lets the upload wait', () => {
    const decisions = [1, 2, 3].map((attempt) => decideRecovery(failed('network'), { ...ordinary, attempt }));
    expect(decisions).toEqual([
      { action: 'retry', delayMs: 2000 },
      { action: 'retry', delayMs: 4000 },
      { action: 'wait', delayMs: 8000 },
    ]);
  });

  it('waits as long as the server asks, up to five minutes', () => {
    expect(decideRecovery(failed('server_busy', { retryAfterMs: 60_000 }), ordinary)).toEqual({
      action: 'retry',
      delayMs: 60_000,
    });
    expect(decideRecovery(failed('server_busy', { retryAfterMs: 9e9 }), ordinary)).toEqual({
      action: 'retry',
      delayMs: 300_000,
    });
  });

  it.each([
    ['unauthorized', 'sign-in'],
    ['not_found', 'restart'],
    ['conflict', 'query'],
    ['too_large', 'smaller'],
    ['refused', 'fail'],
    ['checksum', 'retry'],
    ['stalled', 'retry'],
    ['bad_response', 'retry'],
    ['no_batch_id', 'fail'],
  ] as const)('%s: %s', (code, what) => {
    expect(decideRecovery(failed(code), ordinary).action).toBe(what);
  });

  it('restarts a session that acknowledged nothing new only once', () => {
    expect(decideRecovery(failed('not_found'), { ...ordinary, restarted: true }).action).toBe('fail');
  });

  it('cuts smaller what stood still before anything of it arrived, as long as that helps', () => {
    expect(decideRecovery(failed('stalled'), { ...ordinary, hasProgress: false }).action).toBe('smaller');
    expect(decideRecovery(failed('stalled'), { ...ordinary, hasProgress: false, canShrink: false }).action).toBe(
      'retry',
    );
    expect(decideRecovery(failed('too_large'), { ...ordinary, canShrink: false }).action).toBe('fail');
  });

  it('asks the user instead of risking a second batch where the server cannot be asked', () => {
    const last = { ...ordinary, resendIsSafe: false, couldComplete: true };
    expect(decideRecovery(failed('network'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('bad_response'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('stalled'), { ...last, hasProgress: false }).action).toBe('unconfirmed');
    expect(decideRecovery(failed('server_busy', { status: 504 }), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('server_busy', { status: 503 }), last).action).toBe('retry');
    // A failure of our own after the answer: what it said could not be stored.
    expect(decideRecovery(failed('server_busy'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('network'), { ...last, resendIsSafe: true }).action).toBe('retry');
  });
});

describe('times', () => {
  it('jitters over the whole delay', () => {
    expect([0, 0.5, 1].map((random) => getBackoffMs(3, random))).toEqual([0, 4000, 8000]);
  });

  it('takes a time beyond any delay for a clock that jumped', () => {
    expect(isDue(1000, 999)).toBe(false);
    expect(isDue(1000, 1000)).toBe(true);
    expect(isDue(10_000_000, 0)).toBe(true);
  });
});
