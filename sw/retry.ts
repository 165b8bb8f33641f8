import type { UploadError } from '../src/shared/errors.ts';

/** Tries of one chunk in one round, as in the original. */
export const ATTEMPTS = 3;
const FIRST_DELAY_MS = 2000;
export const LONGEST_DELAY_MS = 5 * 60_000;

/** What the driver does about a failed request. */
export type Decision =
  | { readonly do: 'retry'; readonly delayMs: number }
  /** Out of attempts: the whole upload waits, the chunk goes into the queue of failed chunks. */
  | { readonly do: 'wait'; readonly delayMs: number }
  | { readonly do: 'sign-in' }
  | { readonly do: 'restart' }
  | { readonly do: 'ask' }
  | { readonly do: 'smaller' }
  | { readonly do: 'unconfirmed' }
  | { readonly do: 'fail' };

/** What the decision depends on beside the error. */
export interface Situation {
  /** Tries of this chunk so far in this round, this one included. */
  readonly attempt: number;
  /** Rounds of this upload that failed in a row. */
  readonly failures: number;
  /** Sending again can make no second batch, and the server can be asked. */
  readonly exact: boolean;
  /** This request could have made the batch. */
  readonly completing: boolean;
  /** The request belonged to a session. */
  readonly inSession: boolean;
  /** The session acknowledged nothing and was restarted for it already. */
  readonly restarted: boolean;
  /** Something of this plan was acknowledged. */
  readonly begun: boolean;
  /** Chunks of half the size would still be worth sending. */
  readonly shrinks: boolean;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** Whether and when to try again: a function of the error and the situation alone. */
export function decide(error: UploadError, situation: Situation): Decision {
  switch (error.code) {
    case 'stalled':
      // The link may carry so little that no chunk of this size ever ends.
      if (!isUnknowable(situation) && !situation.begun && situation.shrinks) return { do: 'smaller' };
      return isUnknowable(situation) ? { do: 'unconfirmed' } : again(error, situation);
    case 'network':
      return isUnknowable(situation) ? { do: 'unconfirmed' } : again(error, situation);
    case 'server_busy':
      return isUnknowable(situation) && mayHaveArrived(error) ? { do: 'unconfirmed' } : again(error, situation);
    case 'bad_response':
      return isUnknowable(situation) ? { do: 'unconfirmed' } : again(error, situation);
    case 'checksum':
      return situation.attempt < ATTEMPTS ? again(error, situation) : { do: 'fail' };
    case 'unauthorized':
      return { do: 'sign-in' };
    case 'not_found':
      return situation.inSession && !situation.restarted ? { do: 'restart' } : { do: 'fail' };
    case 'conflict':
      return situation.inSession && situation.exact && situation.attempt < ATTEMPTS ? { do: 'ask' } : { do: 'fail' };
    case 'too_large':
      return { do: situation.shrinks ? 'smaller' : 'fail' };
    default:
      return { do: 'fail' };
  }
}

/** Full jitter: anywhere between nothing and 2 s, 4 s, 8 s ... so that many clients do not come back together. */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * random;
}

/** Whether a time to wait for has come; one further off than any delay we give is a clock that jumped. */
export function isDue(at: number, now: number): boolean {
  return at <= now || at - now > LONGEST_DELAY_MS;
}

/**
 * Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
 *
 * @returns ms from now, never negative; undefined when it says nothing.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function again(error: UploadError, { attempt, failures, random }: Situation): Decision {
  const asked = error.facts.retryAfterMs;
  const out = attempt >= ATTEMPTS;
  // A round ends where the delays of its attempts would go on.
  const own = backoffMs(out ? ATTEMPTS + failures : attempt, random);
  const delayMs = asked === undefined ? own : Math.min(LONGEST_DELAY_MS, Math.max(own, asked));
  return { do: out ? 'wait' : 'retry', delayMs };
}

/** The server may have made the batch, and neither can be asked nor told the same thing twice. */
function isUnknowable({ completing, exact }: Situation): boolean {
  return completing && !exact;
}

/**
 * Whether the server's own answer may have been lost: statuses with which something before it says so (520-526: Cloudflare's),
 * or no status at all, when it was here and could not be booked.
 */
function mayHaveArrived({ facts: { status } }: UploadError): boolean {
  if (status === undefined) return true;
  return status === 502 || status === 504 || (status >= 520 && status <= 526);
}
