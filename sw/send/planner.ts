import type { ChunkPlan, Plan } from '../../src/shared/chunks.ts';
import { hasFileList } from '../../src/shared/http/file-list.ts';
import { estimateRequestBytes } from '../../src/shared/http/requests.ts';
import type { Upload } from '../../src/shared/upload.ts';
import type { PlanLimits } from '../ports/plan-limits.ts';

/** In smaller chunks, delays and records cost more than a retry saves. */
const MIN_CHUNK_BYTES = 1024 * 1024;
/** Chunk 0 is small, so that it leaves with the first staged piece and opens the session early. */
const FIRST_CHUNK_BYTES = 1024 * 1024;
/**
 * Chunk 0 of an upload that needs only a session: about what a connection sends before the first
 * reply.
 */
export const SESSION_CHUNK_BYTES = 16 * 1024;
/**
 * Sizes of the next chunks before a rate is known, as shares of a chunk. Chunks of different sizes
 * end at different times.
 */
const FIRST_WAVE_SHARES = [1 / 4, 1 / 2, 3 / 4];
/** How long a chunk should take while others share the connection. */
const MIN_CHUNK_SECONDS = 2;
const MAX_CHUNK_SECONDS = 15;
/** A connection is idle while its chunk is digested, so digested chunks are smaller. */
const MAX_DIGESTED_CHUNK_BYTES = 16 * 1024 * 1024;
/** Bookkeeping dominates above this number of chunks. */
const MAX_CHUNKS = 10_000;
/** A new plan must change the chunk size by this factor to be worth a new session. */
const MIN_CHANGE = 4;

/**
 * Decides whether an upload is sent whole or in chunks, and in which sizes.
 *
 * @param firstBytes the size of chunk 0 if chunks may be unequal.
 */
export function choosePlan(upload: Upload, limits: PlanLimits, firstBytes = FIRST_CHUNK_BYTES): Plan {
  // The basic level has no chunks for many files. With a file list even a small batch uses them,
  // because a whole request has no paths.
  if (hasFileList(upload) && !limits.fileLists) return { way: 'direct' };
  const chunkBytes = chooseChunkBytes(upload.sizeBytes, limits);
  if (!hasFileList(upload) && fitsOneRequest(upload, chunkBytes, limits)) return { way: 'direct' };
  const hasSmallFirst = !limits.equalChunks && chunkBytes > firstBytes;
  const ramp = hasSmallFirst ? [firstBytes, ...getFirstWaveSizes(chunkBytes, limits)] : [];
  return { way: 'chunks', chunkBytes, ramp };
}

/**
 * Chooses chunks that suit the connection: short enough to lose little with one and to end before
 * the event does, long enough that the wait for each response matters little, and enough of them to
 * keep all connections busy until the end.
 */
function chooseChunkBytes(sizeBytes: number, limits: PlanLimits): number {
  const { ratePerRequest, maxInFlight, maxChunkBytes } = limits;
  const minChunkBytes = Math.min(limits.minChunkBytes, maxChunkBytes);
  const maxBytes = limits.digests ? Math.min(maxChunkBytes, MAX_DIGESTED_CHUNK_BYTES) : maxChunkBytes;
  if (ratePerRequest === null) return Math.max(minChunkBytes, maxBytes);
  const shareBytes = Math.max(sizeBytes / (4 * maxInFlight), ratePerRequest * MIN_CHUNK_SECONDS);
  const idealBytes = Math.min(shareBytes, ratePerRequest * MAX_CHUNK_SECONDS);
  const usefulBytes = Math.max(idealBytes, MIN_CHUNK_BYTES, sizeBytes / MAX_CHUNKS);
  const roundedBytes = Math.ceil(usefulBytes / MIN_CHUNK_BYTES) * MIN_CHUNK_BYTES;
  return Math.max(minChunkBytes, Math.min(roundedBytes, maxBytes));
}

/**
 * Finds a better plan for an upload whose chunks take far too long, or so short that waiting
 * dominates.
 *
 * @returns null if the plan is good enough, or too much is acknowledged to be sent again.
 */
export function findBetterPlan(
  upload: Upload,
  plan: Plan,
  acknowledgedBytes: number,
  limits: PlanLimits,
): ChunkPlan | null {
  if (!limits.canRecut || acknowledgedBytes * 4 > upload.sizeBytes) return null;
  const better = choosePlan(upload, limits);
  if (better.way === 'direct') return null;
  const change = better.chunkBytes / (plan.way === 'direct' ? upload.sizeBytes : plan.chunkBytes);
  return change >= MIN_CHANGE || change <= 1 / MIN_CHANGE ? better : null;
}

function fitsOneRequest(upload: Upload, chunkBytes: number, { maxWholeBytes }: PlanLimits): boolean {
  return maxWholeBytes === null ? upload.sizeBytes <= chunkBytes : estimateRequestBytes(upload) <= maxWholeBytes;
}

function getFirstWaveSizes(chunkBytes: number, { ratePerRequest }: PlanLimits): number[] {
  return ratePerRequest === null ? FIRST_WAVE_SHARES.map((share) => Math.ceil(share * chunkBytes)) : [];
}
