import { ApiError } from '../errors.ts';
import type { Declared, StoredChunk } from './session.ts';

/** How much one user may have unfinished, and how large one upload may be. */
export interface QuotaLimits {
  readonly maxOpenSessions: number;
  /** Over all unfinished uploads of a user. */
  readonly maxOpenBytes: number;
  readonly maxUploadBytes: number;
}

/** @throws ApiError 429 `too_many_sessions`: the client waits until others have ended. */
export function checkSessionQuota(othersBytes: readonly number[], { maxOpenSessions }: QuotaLimits): void {
  if (othersBytes.length < maxOpenSessions) return;
  throw new ApiError(429, 'too_many_sessions', 'Too many unfinished uploads; finish or cancel some first.');
}

/**
 * Holds an upload that grows to so many bytes to the limits. One that says its size takes all of it from its first chunk on, so
 * that uploads which were let in can always finish.
 *
 * @throws ApiError 422 `upload_too_large` (a 413 would ask for smaller chunks), or 429 `too_many_bytes`.
 */
export function checkByteQuota(othersBytes: readonly number[], sizeBytes: number, rules: QuotaLimits): void {
  const { maxOpenBytes, maxUploadBytes } = rules;
  if (sizeBytes > maxUploadBytes) {
    throw new ApiError(422, 'upload_too_large', `An upload may have ${maxUploadBytes} bytes at most.`);
  }
  const taken = othersBytes.reduce((sum, bytes) => sum + bytes, 0);
  if (taken + sizeBytes <= maxOpenBytes) return;
  throw new ApiError(429, 'too_many_bytes', 'Too many bytes in unfinished uploads; finish or cancel some first.');
}

/** What a session takes: what it said, or what it has where that is more. */
export function countBytes(declared: Declared, chunks: ReadonlyMap<number, StoredChunk>): number {
  let received = 0;
  for (const { sizeBytes } of chunks.values()) received += sizeBytes;
  return Math.max(declared.fileSize ?? 0, received);
}
