import * as v from 'valibot';
import type { Chunk } from '../../src/shared/chunks.ts';
import { createBadResponseError, readJson } from '../../src/shared/http/responses.ts';
import type { ServerProfile } from '../../src/shared/server-profile.ts';
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
const batchesSchema = v.object({ batches: v.array(v.unknown()) });
const countSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** How long a body took to arrive at the server. */
export const receivedMsSchema = v.fallback(v.optional(countSchema), undefined);
const sentSchema = v.looseObject({
  upload_id: v.optional(v.nullable(idSchema)),
  ticket: v.optional(v.string()),
  received_ms: receivedMsSchema,
});
const factsSchema = v.object({
  features: v.fallback(v.array(v.string()), []),
  max_upload_bytes: v.fallback(v.nullable(countSchema), null),
});
/** What every response may say about its server. */
export type ServerFacts = Required<Pick<ServerProfile, 'features' | 'maxUploadBytes'>>;
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
 *
 * @throws UploadError `bad_response` for anything but a list.
 */
export function findResultByKey(key: string, json: unknown): BatchResponse | null {
  const parsed = v.safeParse(keyedBatchesSchema, json);
  if (!parsed.success) throw createBadResponseError();
  return parsed.output.batches.find(({ idempotency_key }) => idempotency_key === key) ?? null;
}

/**
 * The features and the limit beside a list of batches.
 *
 * @throws UploadError `bad_response` for anything but a list: the page of a captive portal says
 *   nothing about the server.
 */
export function parseDiscovery(json: unknown): ServerFacts {
  if (!v.is(batchesSchema, json)) throw createBadResponseError();
  return parseServerFacts(json);
}

/** The features and the limit that a response lists; no features are the basic level. */
export function parseServerFacts(json: unknown): ServerFacts {
  const parsed = v.safeParse(factsSchema, json);
  if (!parsed.success) return { features: [], maxUploadBytes: null };
  const { features, max_upload_bytes: maxUploadBytes } = parsed.output;
  return { features, maxUploadBytes };
}
