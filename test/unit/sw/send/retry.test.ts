import { describe, expect, it } from 'vitest';
import { type ErrorCode, UploadError } from '../../../../src/shared/errors.ts';
import { decideRecovery, getBackoffMs, isDue, type RetryContext } from '../../../../sw/send/retry.ts';

const ordinary: RetryContext = {
  attempt: 1,
  failures: 0,
  isBundled: false,
  resendIsSafe: true,
  canQuery: true,
  couldComplete: false,
  hasSession: true,
  restarted: false,
  hasProgress: true,
  canShrink: true,
  random: 1,
};
const failed = (code: ErrorCode, facts = {}) => new UploadError(code, 'words', facts);

describe('retry policy', () => {
  it('retries after 2 s and 4 s, then makes the upload wait', () => {
    const decisions = [1, 2, 3].map((attempt) => decideRecovery(failed('server_busy'), { ...ordinary, attempt }));
    expect(decisions).toEqual([
      { action: 'retry', delayMs: 2000 },
      { action: 'retry', delayMs: 4000 },
      { action: 'wait', delayMs: 8000 },
    ]);
  });

  it('leaves the delay after a network failure to the probes of the link', () => {
    const decisions = [1, 2, 3].map((attempt) => decideRecovery(failed('network'), { ...ordinary, attempt }));
    expect(decisions).toEqual([
      { action: 'retry', delayMs: 0 },
      { action: 'retry', delayMs: 0 },
      { action: 'wait', delayMs: 8000 },
    ]);
  });

  it.each([
    [10_000, { action: 'retry', delayMs: 10_000 }],
    [60_000, { action: 'wait', delayMs: 60_000 }],
    [9e9, { action: 'wait', delayMs: 300_000 }],
  ])('honours Retry-After of %i ms up to five minutes', (retryAfterMs, decision) => {
    expect(decideRecovery(failed('server_busy', { retryAfterMs }), ordinary)).toEqual(decision);
  });

  it('waits a minute or as long as a full server asks, without attempts', () => {
    const decide = (facts: object, random: number) =>
      decideRecovery(failed('server_full', facts), { ...ordinary, random });
    expect(decide({}, 0)).toEqual({ action: 'wait', delayMs: 60_000 });
    expect(decide({}, 1)).toEqual({ action: 'wait', delayMs: 120_000 });
    expect(decide({ retryAfterMs: 300_000 }, 1)).toEqual({ action: 'wait', delayMs: 300_000 });
    expect(decide({ retryAfterMs: 9e9 }, 1)).toEqual({ action: 'wait', delayMs: 300_000 });
    expect(decide({ retryAfterMs: 0 }, 1)).toEqual({ action: 'wait', delayMs: 8000 });
  });

  it.each([
    ['unauthorized', 'sign-in'],
    ['not_found', 'restart'],
    ['conflict', 'query'],
    ['too_large', 'shrink'],
    ['refused', 'fail'],
    ['checksum', 'retry'],
    ['stalled', 'retry'],
    ['gateway_error', 'retry'],
    ['network_sign_in', 'retry'],
    ['server_full', 'wait'],
    ['internal_error', 'retry'],
    ['bad_response', 'retry'],
    ['no_batch_id', 'fail'],
  ] as const)('decides after %s: %s', (code, what) => {
    expect(decideRecovery(failed(code), ordinary).action).toBe(what);
  });

  it('restarts only once if no chunk is acknowledged in between', () => {
    expect(decideRecovery(failed('not_found'), { ...ordinary, restarted: true }).action).toBe('fail');
  });

  it('halves chunks that stalled before the first acknowledgement', () => {
    expect(decideRecovery(failed('stalled'), { ...ordinary, hasProgress: false }).action).toBe('shrink');
    expect(decideRecovery(failed('stalled'), { ...ordinary, hasProgress: false, canShrink: false }).action).toBe(
      'retry',
    );
    expect(decideRecovery(failed('too_large'), { ...ordinary, canShrink: false }).action).toBe('fail');
  });

  it('asks the user before it risks a second batch', () => {
    const last = { ...ordinary, resendIsSafe: false, couldComplete: true };
    expect(decideRecovery(failed('network'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('bad_response'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('stalled'), { ...last, hasProgress: false }).action).toBe('unconfirmed');
    expect(decideRecovery(failed('gateway_error'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('gateway_error', { status: 504 }), last).action).toBe('unconfirmed');
    // What a proxy refused did not reach the server.
    expect(decideRecovery(failed('gateway_error', { status: 404 }), last).action).toBe('retry');
    expect(decideRecovery(failed('network_sign_in'), last).action).toBe('retry');
    expect(decideRecovery(failed('server_busy'), last).action).toBe('retry');
    // The response arrived, but the database could not store it.
    expect(decideRecovery(failed('internal_error'), last).action).toBe('unconfirmed');
    expect(decideRecovery(failed('network'), { ...last, resendIsSafe: true }).action).toBe('retry');
  });
});

describe('retry policy of a bundle', () => {
  const bundled = { ...ordinary, isBundled: true, hasSession: false, couldComplete: true };

  it.each([
    ['network', 'query'],
    ['stalled', 'query'],
    ['gateway_error', 'query'],
    ['bad_response', 'query'],
    ['internal_error', 'query'],
    ['server_busy', 'retry'],
    ['network_sign_in', 'retry'],
    ['server_full', 'wait'],
    ['unauthorized', 'sign-in'],
    ['refused', 'send-alone'],
    ['not_found', 'send-alone'],
    ['too_large', 'send-alone'],
    ['conflict', 'send-alone'],
  ] as const)('decides after %s: %s', (code, what) => {
    expect(decideRecovery(failed(code), bundled).action).toBe(what);
  });

  it('makes the uploads wait after three attempts', () => {
    expect(decideRecovery(failed('network'), { ...bundled, attempt: 3 })).toEqual({ action: 'wait', delayMs: 8000 });
  });
});

describe('delays', () => {
  it('applies full jitter', () => {
    expect([0, 0.5, 1].map((random) => getBackoffMs(3, random))).toEqual([0, 4000, 8000]);
  });

  it('treats a time beyond every delay as due after a clock change', () => {
    expect(isDue(1000, 999)).toBe(false);
    expect(isDue(1000, 1000)).toBe(true);
    expect(isDue(10_000_000, 0)).toBe(true);
  });
});
