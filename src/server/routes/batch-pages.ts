import { badField } from '../errors.ts';
import type { Batch, BatchPosition } from '../store/upload-store.ts';
import { type BatchJsonContext, toBatchJson } from './batch-json.ts';

/** The query of the list of batches. */
export interface ListQuery {
  readonly idempotency_key?: string;
  readonly cursor?: string;
  readonly limit?: string;
}

const MAX_BATCHES = 100;
/** A page ends after the batch with which it reaches this size. */
const MAX_PAGE_BYTES = 1024 * 1024;

/**
 * Reads one page of a list of batches.
 *
 * @returns `batches`, and `next_cursor` if more follow.
 */
export async function readPage(
  list: AsyncIterable<Batch>,
  limit: number,
  context: BatchJsonContext,
): Promise<Record<string, unknown>> {
  const batches: Record<string, unknown>[] = [];
  let bytes = 0;
  let last: Batch | null = null;
  for await (const batch of list) {
    if (last && (batches.length === limit || bytes >= MAX_PAGE_BYTES)) return { batches, next_cursor: toCursor(last) };
    const json = await toBatchJson(batch, context);
    bytes += JSON.stringify(json).length;
    batches.push(json);
    last = batch;
  }
  return { batches };
}

/** @throws ApiError 400 `bad_field`. */
export function parseLimit(value: string | undefined): number {
  const limit = parseCount('limit', value, MAX_BATCHES);
  if (limit === 0) throw badField('limit', 'must be at least 1');
  return Math.min(limit, MAX_BATCHES);
}

/** @throws ApiError 400 `bad_field`. */
export function parseCursor(value: string): BatchPosition {
  const [, createdAt, batchId] = /^(\d{1,15})\.([\w-]{1,100})$/.exec(value) ?? [];
  if (createdAt === undefined || batchId === undefined) throw badField('cursor', 'is not valid');
  return { createdAt: Number(createdAt), batchId };
}

/** @throws ApiError 400 `bad_field`. */
export function parseCount(field: string, value: string | undefined, missing: number): number {
  if (value === undefined) return missing;
  if (!isCount(value)) throw badField(field, 'is not valid');
  return Number(value);
}

export function isCount(value: string): boolean {
  return /^\d{1,15}$/.test(value);
}

function toCursor({ createdAt, batchId }: BatchPosition): string {
  return `${createdAt}.${batchId}`;
}
