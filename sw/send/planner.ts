import type { ChunkPlan, Plan } from '../../src/shared/chunks.ts';
import { hasFileList } from '../../src/shared/http/file-list.ts';
import { estimateRequestBytes } from '../../src/shared/http/requests.ts';
import type { Upload } from '../../src/shared/upload.ts';
import type { PlanLimits } from '../ports/plan-limits.ts';

/**
 * In smaller chunks, requests and records cost more than a retry saves. Without offsets, every
 * chunk of an upload has the size that its first measurement suggests.
 */
const MIN_CHUNK_BYTES = 256 * 1024;
const MIN_EQUAL_CHUNK_BYTES = 1024 * 1024;
const SMALLEST_PLAN: ChunkPlan = { way: 'chunks', chunkBytes: MIN_EQUAL_CHUNK_BYTES, ramp: [] };
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
/**
 * The bytes in flight are this many chunks. More of them hide the wait for responses no better, and
 * fewer leave the connection idle during the waits.
 */
const MIN_CHUNKS_IN_FLIGHT = 5;
/** Chunks of an unknown connection with many streams, each of which may be slow. */
const UNKNOWN_STREAM_BYTES = 1024 * 1024;
/** A whole upload may take this many times as long as the bytes in flight. */
const WHOLE_FLIGHTS = 4;
/** A connection is idle while its chunk is digested, so digested chunks are smaller. */
const MAX_DIGESTED_CHUNK_BYTES = 16 * 1024 * 1024;
/** Equal chunks on an unknown connection: a wrong guess costs a session. */
const MAX_UNKNOWN_BYTES = 16 * 1024 * 1024;
/** Bookkeeping dominates above this number of chunks. */
const MAX_CHUNKS = 10_000;
/** A new plan must change the chunk size by this factor to be worth a new session. */
const MIN_CHANGE = 4;
/** Chunks that were not sent yet change their size by at least this factor. */
const MIN_RESIZE = 1.5;

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
  // The sooner the first responses arrive, the sooner there are as many streams as pay.
  const isUnknownStream = hasStreams(limits) && limits.rate === null;
  if (isUnknownStream && !limits.equalChunks) {
    return { way: 'chunks', chunkBytes, ramp: [{ count: limits.inFlight, bytes: MIN_CHUNK_BYTES }] };
  }
  if (limits.equalChunks || chunkBytes <= firstBytes) return { way: 'chunks', chunkBytes, ramp: [] };
  return { way: 'chunks', chunkBytes, ramp: [firstBytes, ...getFirstWaveSizes(chunkBytes, limits)] };
}

/**
 * Chooses chunks that suit the connection: a few of them are all that a cut of the connection can
 * cost, and they are long enough that the wait for each response matters little.
 */
function chooseChunkBytes(sizeBytes: number, limits: PlanLimits): number {
  const { rate, flightSeconds, maxChunkBytes, equalChunks } = limits;
  const minChunkBytes = Math.min(limits.minChunkBytes, maxChunkBytes);
  const maxBytes = limits.digests ? Math.min(maxChunkBytes, MAX_DIGESTED_CHUNK_BYTES) : maxChunkBytes;
  const unknownBytes = equalChunks ? Math.min(maxBytes, MAX_UNKNOWN_BYTES) : maxBytes;
  if (rate === null) return Math.max(minChunkBytes, hasStreams(limits) ? UNKNOWN_STREAM_BYTES : unknownBytes);
  const stepBytes = equalChunks ? MIN_EQUAL_CHUNK_BYTES : MIN_CHUNK_BYTES;
  const inFlight = Math.max(limits.inFlight, MIN_CHUNKS_IN_FLIGHT);
  const usefulBytes = Math.max((rate * flightSeconds) / inFlight, sizeBytes / MAX_CHUNKS);
  const roundedBytes = Math.ceil(usefulBytes / stepBytes) * stepBytes;
  return Math.max(minChunkBytes, Math.min(roundedBytes, maxBytes));
}

/**
 * How many bytes of small uploads share a request: those of a chunk. Before this run has measured
 * the link they are few, because the rate of earlier runs may be far too high.
 */
export function chooseBundleBytes(limits: PlanLimits, isMeasured: boolean): number {
  const chunkBytes = chooseChunkBytes(0, limits);
  return isMeasured ? chunkBytes : Math.min(chunkBytes, MIN_CHUNK_BYTES);
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
  if (acknowledgedBytes * 4 > upload.sizeBytes) return null;
  const better = choosePlan(upload, limits);
  if (better.way === 'direct') return null;
  const change = better.chunkBytes / (plan.way === 'direct' ? upload.sizeBytes : plan.chunkBytes);
  return change >= MIN_CHANGE || change <= 1 / MIN_CHANGE ? better : null;
}

/** The plan in chunks for a whole upload that was cut; null if it is small enough to stay whole. */
export function findChunkedPlan(upload: Upload): ChunkPlan | null {
  const { plan, sizeBytes } = upload;
  if (plan?.way !== 'direct' || hasFileList(upload) || sizeBytes <= MIN_EQUAL_CHUNK_BYTES) return null;
  return SMALLEST_PLAN;
}

/** The plan with the smallest equal chunks; null for an upload that has it. */
export function findSmallestPlan({ plan }: Upload): ChunkPlan | null {
  if (plan?.way !== 'chunks' || plan.chunkBytes <= MIN_EQUAL_CHUNK_BYTES) return null;
  return SMALLEST_PLAN;
}

/** The size for chunks that were not sent yet; null if their present size suits the connection. */
export function findBetterSize(upload: Upload, plan: ChunkPlan, limits: PlanLimits): number | null {
  const chunkBytes = chooseChunkBytes(upload.sizeBytes, limits);
  const change = chunkBytes / plan.chunkBytes;
  return change >= MIN_RESIZE || change <= 1 / MIN_RESIZE ? chunkBytes : null;
}

function fitsOneRequest(upload: Upload, chunkBytes: number, limits: PlanLimits): boolean {
  const { maxWholeBytes, rate, flightSeconds } = limits;
  if (maxWholeBytes === null) return upload.sizeBytes <= chunkBytes;
  // A cut of the connection costs all of a whole upload, and leaves its result in doubt.
  const usefulBytes = rate === null ? MAX_UNKNOWN_BYTES : rate * flightSeconds * WHOLE_FLIGHTS;
  return upload.sizeBytes <= Math.max(usefulBytes, chunkBytes) && estimateRequestBytes(upload) <= maxWholeBytes;
}

function getFirstWaveSizes(chunkBytes: number, { rate }: PlanLimits): number[] {
  return rate === null ? FIRST_WAVE_SHARES.map((share) => Math.ceil(share * chunkBytes)) : [];
}

/** Whether the connection carries more requests at once than HTTP/1.1 does. */
function hasStreams({ inFlight }: PlanLimits): boolean {
  return inFlight > MIN_CHUNKS_IN_FLIGHT;
}
