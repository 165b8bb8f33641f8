import type { UploadError } from '../../src/shared/errors.ts';

/** Tries of one chunk in one round, as in the original. */
export const MAX_ATTEMPTS = 3;
const FIRST_DELAY_MS = 2000;
export const MAX_DELAY_MS = 5 * 60_000;

/** What the driver does about a failed request. */
export type Decision =
  | { readonly action: 'retry'; readonly delayMs: number }
  /** Out of attempts: the whole upload waits, the chunk goes into the queue of failed chunks. */
  | { readonly action: 'wait'; readonly delayMs: number }
  | { readonly action: 'sign-in' }
  | { readonly action: 'restart' }
  | { readonly action: 'query' }
  | { readonly action: 'smaller' }
  | { readonly action: 'unconfirmed' }
  | { readonly action: 'fail' };

/** What the decision depends on beside the error. */
export interface RetryContext {
  /** Tries of this chunk so far in this round, this one included. */
  readonly attempt: number;
  /** Rounds of this upload that failed in a row. */
  readonly failures: number;
  /** Sending again can make no second batch, and the server can be asked. */
  readonly resendIsSafe: boolean;
  /** This request could have made the batch. */
  readonly couldComplete: boolean;
  /** The request belonged to a session. */
  readonly hasSession: boolean;
  /** The session acknowledged nothing and was restarted for it already. */
  readonly restarted: boolean;
  /** Something of this plan was acknowledged. */
  readonly hasProgress: boolean;
  /** Chunks of half the size would still be worth sending. */
  readonly canShrink: boolean;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** Whether and when to try again: a function of the error and the situation alone. */
export function decideRecovery(error: UploadError, situation: RetryContext): Decision {
  switch (error.code) {
    case 'stalled':
      // The link may carry so little that no chunk of this size ever ends.
      if (!isUncertain(situation) && !situation.hasProgress && situation.canShrink) return { action: 'smaller' };
      return isUncertain(situation) ? { action: 'unconfirmed' } : retryOrWait(error, situation);
    case 'network':
      return isUncertain(situation) ? { action: 'unconfirmed' } : retryOrWait(error, situation);
    case 'server_busy':
      return isUncertain(situation) && mayHaveReachedServer(error)
        ? { action: 'unconfirmed' }
        : retryOrWait(error, situation);
    case 'bad_response':
      return isUncertain(situation) ? { action: 'unconfirmed' } : retryOrWait(error, situation);
    case 'checksum':
      return situation.attempt < MAX_ATTEMPTS ? retryOrWait(error, situation) : { action: 'fail' };
    case 'unauthorized':
      return { action: 'sign-in' };
    case 'not_found':
      return situation.hasSession && !situation.restarted ? { action: 'restart' } : { action: 'fail' };
    case 'conflict':
      return situation.hasSession && situation.resendIsSafe && situation.attempt < MAX_ATTEMPTS
        ? { action: 'query' }
        : { action: 'fail' };
    case 'too_large':
      return { action: situation.canShrink ? 'smaller' : 'fail' };
    default:
      return { action: 'fail' };
  }
}

/** Full jitter: anywhere between nothing and 2 s, 4 s, 8 s ... so that many clients do not come back together. */
export function getBackoffMs(attempt: number, random: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * random;
}

/** Whether a time to wait for has come; one further off than any delay we give is a clock that jumped. */
export function isDue(at: number, now: number): boolean {
  return at <= now || at - now > MAX_DELAY_MS;
}

/**
 * Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
 *
 * @returns ms from now, never negative; undefined when it says nothing.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function retryOrWait(error: UploadError, { attempt, failures, random }: RetryContext): Decision {
  const asked = error.retryAfterMs;
  const out = attempt >= MAX_ATTEMPTS;
  // A round ends where the delays of its attempts would go on.
  const own = getBackoffMs(out ? MAX_ATTEMPTS + failures : attempt, random);
  const delayMs = asked === undefined ? own : Math.min(MAX_DELAY_MS, Math.max(own, asked));
  return { action: out ? 'wait' : 'retry', delayMs };
}

/** The server may have made the batch, and neither can be asked nor told the same thing twice. */
function isUncertain({ couldComplete: completing, resendIsSafe: exact }: RetryContext): boolean {
  return completing && !exact;
}

/**
 * Whether the server's own answer may have been lost: statuses with which something before it says so (520-526: Cloudflare's),
 * or no status at all, when it was here and could not be booked.
 */
function mayHaveReachedServer({ status }: UploadError): boolean {
  if (status === undefined) return true;
  return status === 502 || status === 504 || (status >= 520 && status <= 526);
}
