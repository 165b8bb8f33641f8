import * as v from 'valibot';
import type { Chunk } from '../../src/shared/chunks.ts';
import { type ErrorCode, UploadError } from '../../src/shared/errors.ts';
import type { BatchResponse, RemoteSession } from '../../src/shared/upload.ts';
import type { KeptBytes, RemoteState, Sent } from '../ports/transport.ts';

// A database may use numbers as ids; the client treats every id as an opaque string.
const idSchema = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((value) => String(value)),
  v.minLength(1),
);
const resultSchema = v.looseObject({ batch_id: idSchema });
const keyedBatchesSchema = v.object({
  batches: v.array(v.looseObject({ batch_id: idSchema, idempotency_key: v.unknown() })),
});
const featuresSchema = v.object({ features: v.fallback(v.array(v.string()), []) });
const countSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** How long a body took to arrive at the server. */
export const receivedMsSchema = v.fallback(v.optional(countSchema), undefined);
const sentSchema = v.looseObject({
  upload_id: v.optional(v.nullable(idSchema)),
  ticket: v.optional(v.string()),
  received_ms: receivedMsSchema,
});
/** Half-open ranges, of chunk indices or bytes. */
const rangesSchema = v.array(v.tuple([countSchema, countSchema]));
const partialSchema = v.object({
  chunk_index: countSchema,
  offset: countSchema,
  size_bytes: countSchema,
  sha256: v.string(),
});
const statusSchema = v.looseObject({
  received: rangesSchema,
  received_bytes: v.optional(rangesSchema),
  partial: v.fallback(v.optional(v.array(partialSchema)), undefined),
});
const receivingSchema = v.object({
  receiving: v.optional(
    v.array(v.object({ generation: v.optional(countSchema), chunk_index: countSchema, size_bytes: countSchema })),
  ),
  received: v.optional(rangesSchema),
});
type PartialChunk = v.InferOutput<typeof partialSchema>;
type Status = Pick<v.InferOutput<typeof statusSchema>, 'received' | 'received_bytes' | 'partial'>;
const failureSchema = v.looseObject({ error: v.optional(v.string()), message: v.optional(v.string()) });

/**
 * Parses the JSON of a response; undefined for anything else, such as the page of a captive portal.
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
 * Reads a response that arrived outside the transport, as in a Background Fetch; null unless it
 * acknowledges a request.
 */
export async function readSent(response: Response): Promise<Sent | null> {
  return response.ok ? parseSent(await readJson(response)) : null;
}

/** @throws UploadError `bad_response` unless the JSON acknowledges a request. */
export function parseSent(json: unknown): Sent {
  const parsed = v.safeParse(sentSchema, json);
  if (!parsed.success) throw createBadResponseError();
  const { upload_id: id, ticket, received_ms: receivedMs } = parsed.output;
  const result = parseResult(json);
  if (!id && !result) throw createBadResponseError();
  const session: RemoteSession | null = id ? { id, ...(ticket && { data: { ticket } }) } : null;
  return { ...(session && { session }), ...(receivedMs !== undefined && { receivedMs }), ...(result && { result }) };
}

/** @throws UploadError `bad_response` unless the JSON lists chunks or names a batch. */
export function parseRemoteState(json: unknown, chunks: readonly Chunk[]): RemoteState {
  const result = parseResult(json);
  const parsed = v.safeParse(statusSchema, json);
  if (!parsed.success && !result) throw createBadResponseError();
  const status: Status = parsed.success ? parsed.output : { received: [] };
  const have = chunks.filter((chunk) => isReceived(chunk, status)).map(({ index }) => index);
  const kept = (status.partial ?? []).map(toKeptBytes);
  return { have, kept, ...(result && { result }) };
}

/** By its bytes where the server lists them: it may have received other chunks under its index. */
function isReceived({ index, start, end }: Chunk, { received, received_bytes: bytes }: Status): boolean {
  if (bytes && start < end) return bytes.some(([from, to]) => start >= from && end <= to);
  return received.some(([from, to]) => index >= from && index < to);
}

function toKeptBytes({ chunk_index: index, offset, size_bytes: sizeBytes, sha256 }: PartialChunk): KeptBytes {
  return { index, start: offset, end: offset + sizeBytes, sha256 };
}

/**
 * The bytes that the server has of these chunks, by index; infinite for a stored chunk. After a
 * lost connection, it may still list the previous request of a chunk: the larger count is what it
 * has.
 */
export function parseReceiving(
  json: unknown,
  indices: readonly number[],
  generation: number,
): ReadonlyMap<number, number> {
  const parsed = v.safeParse(receivingSchema, json);
  const { receiving = [], received = [] } = parsed.success ? parsed.output : {};
  const bytes = new Map<number, number>();
  const add = (index: number, size: number) => bytes.set(index, Math.max(size, bytes.get(index) ?? 0));
  for (const { generation: other = generation, chunk_index: index, size_bytes: size } of receiving)
    if (other === generation && indices.includes(index)) add(index, size);
  for (const index of indices)
    if (received.some(([from, to]) => index >= from && index < to)) add(index, Number.POSITIVE_INFINITY);
  return bytes;
}

/** The whole response, if it names a batch. */
export function parseResult(json: unknown): BatchResponse | undefined {
  const parsed = v.safeParse(resultSchema, json);
  return parsed.success ? parsed.output : undefined;
}

/**
 * The batch with this idempotency key in a list of batches; null if the list does not contain it.
 */
export function findResultByKey(key: string, json: unknown): BatchResponse | null {
  const parsed = v.safeParse(keyedBatchesSchema, json);
  return (parsed.success && parsed.output.batches.find(({ idempotency_key }) => idempotency_key === key)) || null;
}

/** The features that a response lists; empty if it lists none. */
export function parseFeatures(json: unknown): readonly string[] {
  const parsed = v.safeParse(featuresSchema, json);
  return parsed.success ? parsed.output.features : [];
}

/** Classifies an error response and keeps the server's own code and message. */
export function createResponseError(response: Response, json: unknown): UploadError {
  return createStatusError(response.status, json, parseRetryAfter(response.headers.get('Retry-After'), Date.now()));
}

/** @param json the body of the error. */
export function createStatusError(status: number, json: unknown, retryAfterMs?: number): UploadError {
  const failure = v.safeParse(failureSchema, json);
  const serverCode = failure.success ? failure.output.error : undefined;
  const message = (failure.success && (failure.output.message ?? failure.output.error)) || `Upload failed: ${status}`;
  return new UploadError(classifyStatus(status, serverCode), message, {
    status,
    cause: json,
    ...(serverCode !== undefined && { serverCode }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function classifyStatus(status: number, serverCode: string | undefined): ErrorCode {
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
    case 408:
    case 425:
    case 429:
      return 'server_busy';
    // Not implemented, HTTP version, disk full: the same request fails again.
    case 501:
    case 505:
    case 507:
      return 'refused';
    case 502:
    case 504:
      return 'gateway_error';
    default:
      // Cloudflare answers 520 to 526 when it loses the connection to the server.
      if (status >= 520 && status <= 526) return 'gateway_error';
      return status >= 500 ? 'server_busy' : 'refused';
  }
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

/** A 2xx whose body the client cannot use. */
export function createBadResponseError(): UploadError {
  return new UploadError('bad_response', 'Unexpected response from the server.');
}
