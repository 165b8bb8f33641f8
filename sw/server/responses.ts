import * as v from 'valibot';
import { type ErrorCode, UploadError } from '../../src/shared/errors.ts';
import type { BatchResponse } from '../../src/shared/upload.ts';
import type { RemoteState, Sent } from '../ports/transport.ts';

// Ids may be numbers in somebody's database; they are opaque words here.
const id = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((value) => String(value)),
  v.minLength(1),
);
const batchId = v.looseObject({ batch_id: id });
const keyedBatches = v.object({ batches: v.array(v.looseObject({ batch_id: id, idempotency_key: v.unknown() })) });
const features = v.fallback(v.array(v.string()), []);
const answer = v.looseObject({ upload_id: v.optional(v.nullable(id)), ticket: v.optional(v.string()), features });
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const status = v.looseObject({ received: v.array(v.tuple([index, index])) });
const failure = v.looseObject({ error: v.optional(v.string()), message: v.optional(v.string()) });

/** The JSON of a response; undefined where it is none, as behind a captive portal. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws UploadError `bad_answer` when it is not an acknowledgement, so that nothing is booked on it. */
export function parseSent(json: unknown): Sent {
  const read = v.safeParse(answer, json);
  if (!read.success) throw createBadResponseError();
  const { upload_id, ticket } = read.output;
  const batch = parseResult(json);
  if (!upload_id && !batch) throw createBadResponseError();
  return {
    features: read.output.features,
    ...(upload_id && { sessionId: upload_id }),
    ...(ticket && { ticket }),
    ...(batch && { result: batch }),
  };
}

/** @throws UploadError `bad_answer` when it says nothing of what the server has. */
export function parseRemoteState(json: unknown): RemoteState {
  const batch = parseResult(json);
  const read = v.safeParse(status, json);
  if (!read.success && !batch) throw createBadResponseError();
  return { received: read.success ? read.output.received : [], ...(batch && { result: batch }) };
}

/** The whole answer, where it names a batch. */
export function parseResult(json: unknown): BatchResponse | undefined {
  const read = v.safeParse(batchId, json);
  return read.success ? read.output : undefined;
}

/** The batch of this idempotency key in a list of batches, whole; null where it is not there. */
export function findResultByKey(key: string, json: unknown): BatchResponse | null {
  const read = v.safeParse(keyedBatches, json);
  return (read.success && read.output.batches.find(({ idempotency_key }) => idempotency_key === key)) || null;
}

/** The features an answer lists; none where it lists none. */
export function parseFeatures(json: unknown): readonly string[] {
  const read = v.safeParse(v.object({ features }), json);
  return read.success ? read.output.features : [];
}

/** Classifies an answer that is not a success; the server's own words are kept for the user. */
export function createResponseError(response: Response, json: unknown): UploadError {
  const said = v.safeParse(failure, json);
  const serverCode = said.success ? said.output.error : undefined;
  const message = (said.success && (said.output.message ?? said.output.error)) || `Upload failed: ${response.status}`;
  const waitMs = parseRetryAfter(response.headers.get('Retry-After'), Date.now());
  return new UploadError(classifyStatus(response.status, serverCode), message, {
    status: response.status,
    cause: json,
    ...(serverCode !== undefined && { serverCode }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
}

function classifyStatus(httpStatus: number, serverCode: string | undefined): ErrorCode {
  if (serverCode === 'checksum_mismatch') return 'checksum';
  switch (httpStatus) {
    case 401:
      return 'unauthorized';
    case 404:
    case 410:
      return 'not_found';
    case 409:
      return 'conflict';
    case 413:
      return 'too_large';
    case 408:
    case 425:
    case 429:
      return 'server_busy';
    // Not implemented, HTTP version, disk full: the same request will fare no better.
    case 501:
    case 505:
    case 507:
      return 'refused';
    default:
      return httpStatus >= 500 ? 'server_busy' : 'refused';
  }
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

function createBadResponseError(): UploadError {
  return new UploadError('bad_response', 'The server answered in a way that is not understood.');
}
