import type { UploadError } from '../../src/shared/errors.ts';

/** Attempts per chunk and round, as in the basic level. */
export const MAX_ATTEMPTS = 3;
export const MAX_DELAY_MS = 5 * 60_000;
const FIRST_DELAY_MS = 2000;
/** For a longer delay the upload waits, so that its record says why. */
const LONG_DELAY_MS = 10_000;
/** The shortest delay after a full server that names none. */
const FULL_DELAY_MS = 60_000;

/** The reaction to a failed request. */
export type Decision =
  | { readonly action: 'retry'; readonly delayMs: number }
  /** No attempts are left: the upload waits, and the chunk enters the queue of failed chunks. */
  | { readonly action: 'wait'; readonly delayMs: number }
  /** Renew the credentials, or wait until the user signs in. */
  | { readonly action: 'sign-in' }
  /** Open a new session with the same plan. */
  | { readonly action: 'restart' }
  /** Query the session. */
  | { readonly action: 'query' }
  /** Ask what the server keeps of this chunk. */
  | { readonly action: 'resume' }
  /** Open a new session with chunks of half the size. */
  | { readonly action: 'shrink' }
  /** Ask the user whether to send the upload again, which may create a second batch. */
  | { readonly action: 'unconfirmed' }
  /** Send the upload of a bundle in a request of its own. */
  | { readonly action: 'send-alone' }
  | { readonly action: 'fail' };

/** The inputs of the decision besides the error. */
export interface RetryContext {
  /** Attempts of this chunk in this round, including this one. */
  readonly attempt: number;
  /** Consecutive failed rounds of this upload. */
  readonly failures: number;
  /** Other uploads shared the request. */
  readonly isBundled: boolean;
  /** A request that is sent twice never creates a second batch. */
  readonly resendIsSafe: boolean;
  /** The server reports which chunks of a session it has. */
  readonly canQuery: boolean;
  /** This request could have created the batch. */
  readonly couldComplete: boolean;
  readonly hasSession: boolean;
  /** The upload was restarted, and its new session has acknowledged nothing new. */
  readonly restarted: boolean;
  /** A chunk of this plan was acknowledged. */
  readonly hasProgress: boolean;
  /** Chunks of half the size are not too small. */
  readonly canShrink: boolean;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** The retry policy: a pure function of the error and its context. */
export function decideRecovery(error: UploadError, context: RetryContext): Decision {
  if (context.isBundled) return decideBundleRecovery(error, context);
  switch (error.code) {
    case 'stalled':
      // The connection may be too slow for any chunk of this size.
      if (!isUncertain(context) && !context.hasProgress && context.canShrink) return { action: 'shrink' };
      return confirmOrRetry(error, context);
    case 'network':
      return isUncertain(context) ? { action: 'unconfirmed' } : retryWithLink(error, context);
    case 'gateway_error':
      return isRefusal(error) ? retryOrWait(error, context) : confirmOrRetry(error, context);
    case 'bad_response':
    case 'internal_error':
      return confirmOrRetry(error, context);
    case 'server_busy':
    case 'network_sign_in':
      return retryOrWait(error, context);
    case 'server_full':
      return waitForSpace(error, context);
    case 'form_rejected':
      return { action: 'retry', delayMs: 0 };
    case 'checksum':
      return context.attempt < MAX_ATTEMPTS ? retryOrWait(error, context) : { action: 'fail' };
    case 'unauthorized':
      return { action: 'sign-in' };
    case 'not_found':
      return { action: context.hasSession && !context.restarted ? 'restart' : 'fail' };
    case 'conflict':
      return { action: canAskServer(context) ? 'query' : 'fail' };
    case 'partial_changed':
      return { action: context.attempt < MAX_ATTEMPTS ? 'resume' : 'fail' };
    case 'too_large':
      return { action: context.canShrink ? 'shrink' : 'fail' };
    default:
      return { action: 'fail' };
  }
}

/** A bundle that fails as a whole says nothing about its uploads. */
function decideBundleRecovery(error: UploadError, context: RetryContext): Decision {
  switch (error.code) {
    case 'network':
    case 'stalled':
    case 'gateway_error':
    case 'bad_response':
    case 'internal_error': {
      // The server may have made the batches.
      const decision = retryOrWait(error, context);
      return decision.action === 'retry' ? { action: 'query' } : decision;
    }
    case 'server_busy':
    case 'network_sign_in':
      return retryOrWait(error, context);
    case 'server_full':
      return waitForSpace(error, context);
    case 'unauthorized':
      return { action: 'sign-in' };
    default:
      return { action: 'send-alone' };
  }
}

/** Exponential backoff from 2 s with full jitter, which spreads clients that failed together. */
export function getBackoffMs(attempt: number, random: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * random;
}

/**
 * Whether a scheduled time has come. A time beyond every possible delay means that the clock was
 * set back.
 */
export function isDue(at: number, now: number): boolean {
  return at <= now || at - now > MAX_DELAY_MS;
}

/** For failures after which the server may have received the request. */
function confirmOrRetry(error: UploadError, context: RetryContext): Decision {
  return isUncertain(context) ? { action: 'unconfirmed' } : retryOrWait(error, context);
}

/** The next attempt needs no delay of its own: it waits until a probe gets through. */
function retryWithLink(error: UploadError, context: RetryContext): Decision {
  const decision = retryOrWait(error, context);
  return decision.action === 'retry' ? { action: 'retry', delayMs: 0 } : decision;
}

function retryOrWait(error: UploadError, { attempt, failures, random }: RetryContext): Decision {
  const { retryAfterMs } = error;
  const isLast = attempt >= MAX_ATTEMPTS || (retryAfterMs !== undefined && retryAfterMs > LONG_DELAY_MS);
  // Rounds continue the series of delays that the attempts began.
  const backoffMs = getBackoffMs(isLast ? MAX_ATTEMPTS + failures : attempt, random);
  const delayMs = retryAfterMs === undefined ? backoffMs : Math.min(MAX_DELAY_MS, Math.max(backoffMs, retryAfterMs));
  return { action: isLast ? 'wait' : 'retry', delayMs };
}

/** A full server gets room when somebody deletes something: more attempts help nothing. */
function waitForSpace({ retryAfterMs }: UploadError, { failures, random }: RetryContext): Decision {
  const backoffMs = getBackoffMs(MAX_ATTEMPTS + failures, random);
  const delayMs = retryAfterMs === undefined ? FULL_DELAY_MS * (1 + random) : Math.max(backoffMs, retryAfterMs);
  return { action: 'wait', delayMs: Math.min(MAX_DELAY_MS, delayMs) };
}

/** A proxy that refuses a request has not passed it on. */
function isRefusal({ status }: UploadError): boolean {
  return status !== undefined && status < 500;
}

/** The batch may exist, and a second attempt could create another one. */
function isUncertain({ couldComplete, resendIsSafe }: RetryContext): boolean {
  return couldComplete && !resendIsSafe;
}

function canAskServer({ hasSession, canQuery, attempt }: RetryContext): boolean {
  return hasSession && canQuery && attempt < MAX_ATTEMPTS;
}
