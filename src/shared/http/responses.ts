import * as v from 'valibot';
import { type ErrorCode, UploadError } from '../errors.ts';

/** An error of the API. Proxies answer with pages, and with JSON of other shapes. */
const failureSchema = v.looseObject({
  error: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/)),
  message: v.optional(v.string()),
});

/**
 * Parses the JSON of a response, whatever its media type; undefined for anything else, such as the
 * page of a captive portal.
 */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Classifies an error response, or the opaque response to a request whose redirect mode is
 * `manual`. Keeps the code and the message of the API.
 *
 * @param json the body of the response.
 */
export function createResponseError(response: Response, json: unknown): UploadError {
  // The API redirects nothing, and the status and address of a redirect are hidden.
  if (response.type === 'opaqueredirect') return createSignInError(json);
  return createStatusError(response.status, json, parseRetryAfter(response.headers.get('Retry-After'), Date.now()));
}

/** @param json the body of the error. */
export function createStatusError(status: number, json: unknown, retryAfterMs?: number): UploadError {
  const details = { status, cause: json, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const failure = v.safeParse(failureSchema, json);
  if (!failure.success) return createForeignError(status, details);
  const { error: serverCode, message = serverCode } = failure.output;
  return new UploadError(classifyStatus(status, serverCode), message, { ...details, serverCode });
}

/** A 2xx whose body the client cannot use. */
export function createBadResponseError(): UploadError {
  return new UploadError('bad_response', 'Unexpected response from the server.');
}

/**
 * Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
 *
 * @returns ms from now, never negative; undefined for anything else.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** An error without the JSON of the API comes from a proxy, and says nothing about the upload. */
function createForeignError(status: number, details: { status: number; cause: unknown }): UploadError {
  switch (status) {
    case 401:
    case 407:
    // RFC 6585, 6: network authentication required.
    case 511:
      return createSignInError(details.cause, status);
    case 413:
      return new UploadError('too_large', 'The request is too large for the server.', details);
    default: {
      const code = isBusy(status) ? 'server_busy' : 'gateway_error';
      return new UploadError(code, `The server is unavailable (${status}).`, details);
    }
  }
}

function createSignInError(cause: unknown, status?: number): UploadError {
  const details = { cause, ...(status !== undefined && { status }) };
  return new UploadError('network_sign_in', 'Your network asks you to sign in.', details);
}

function classifyStatus(status: number, serverCode: string): ErrorCode {
  if (serverCode === 'checksum_mismatch') return 'checksum';
  if (serverCode === 'partial_changed') return 'partial_changed';
  switch (status) {
    case 401:
      return 'unauthorized';
    case 404:
    case 410:
      return 'not_found';
    case 409:
      return 'conflict';
    case 413:
      return 'too_large';
    case 507:
      return 'server_full';
    // Not implemented, HTTP version: the same request fails again.
    case 501:
    case 505:
      return 'refused';
    default:
      if (isBusy(status)) return 'server_busy';
      return status >= 500 ? 'gateway_error' : 'refused';
  }
}

/** Statuses that ask for another attempt. The request had no effect. */
function isBusy(status: number): boolean {
  if (status === 408 || status === 425 || status === 429) return true;
  return status >= 500 && !isGatewayError(status);
}

/** Statuses of a proxy that may have passed the request on, and those that no retry answers. */
function isGatewayError(status: number): boolean {
  const isUnsupported = status === 501 || status === 505 || status === 507;
  // Cloudflare answers 520 to 526 when it loses the connection to the server.
  return isUnsupported || status === 502 || status === 504 || (status >= 520 && status <= 526);
}
