import { type ChunkPlan, MAX_CHUNK_BYTES, type Plan } from '../../src/shared/chunks.ts';
import { isImageBatch } from '../../src/shared/metadata.ts';
import { fitsOneRequest } from '../../src/shared/requests.ts';
import type { Upload } from '../../src/shared/upload.ts';

/** A smaller chunk costs more in waits and records than a retry of it could save, in bytes. */
const MIN_CHUNK_BYTES = 1024 * 1024;
/** So small that it leaves as soon as the first piece is staged, and brings the session soon, in bytes. */
const FIRST_CHUNK_BYTES = 1024 * 1024;
/** Where nothing but the session is wanted: about what a connection sends before it is first answered, in bytes. */
export const SESSION_CHUNK_BYTES = 16 * 1024;
/** The next ones are these shares of a chunk where no rate is known yet by which starts could be kept apart: so they end apart. */
const FIRST_WAVE_SHARES = [1 / 4, 1 / 2, 3 / 4];
/** A chunk should take about this long with the others beside it, in seconds. */
const MIN_CHUNK_SECONDS = 2;
const MAX_CHUNK_SECONDS = 15;
/** A chunk leaves when its digest is there: a larger one would leave its connection idle for longer, in bytes. */
const MAX_DIGESTED_CHUNK_BYTES = 16 * 1024 * 1024;
/** More chunks than this make bookkeeping the work. */
const MAX_CHUNKS = 10_000;

/** What is known of server and link when an upload is cut. */
export interface PlanLimits {
  /** Its server takes chunks of any size for files of any size. */
  readonly exact: boolean;
  /** It takes unequal chunks. */
  readonly unequal: boolean;
  /** Its chunks are sent with their digests. */
  readonly digests: boolean;
  /** The largest chunk allowed, in bytes. */
  readonly maxChunkBytes: number;
  /** Bytes per second of one chunk with the others beside it; null while nothing is known. */
  readonly ratePerRequest: number | null;
  /** Chunks in flight at once. */
  readonly maxInFlight: number;
}

/**
 * How an upload is sent: whole in one request or in chunks, and how large those are.
 *
 * @param firstBytes the size of chunk 0 where chunks may be unequal.
 */
export function choosePlan(upload: Upload, terms: PlanLimits, firstBytes = FIRST_CHUNK_BYTES): Plan {
  // A batch of images has no chunked form on the wire; its total was checked when it was queued.
  if (upload.files.length !== 1 || isImageBatch(upload.metadata)) return { way: 'direct' };
  const chunkBytes = terms.exact
    ? chooseChunkBytes(upload.sizeBytes, terms)
    : Math.min(terms.maxChunkBytes, MAX_CHUNK_BYTES);
  const isSmall = terms.exact ? upload.sizeBytes <= chunkBytes : fitsOneRequest(upload);
  if (isSmall) return { way: 'direct' };
  const hasSmallFirst = terms.unequal && chunkBytes > firstBytes;
  return {
    way: 'chunks',
    chunkBytes,
    ramp: hasSmallFirst ? [firstBytes, ...getFirstWaveSizes(chunkBytes, terms)] : [],
  };
}

function getFirstWaveSizes(chunkBytes: number, { ratePerRequest: ratePerFlight }: PlanLimits): number[] {
  return ratePerFlight === null ? FIRST_WAVE_SHARES.map((share) => Math.ceil(share * chunkBytes)) : [];
}

/**
 * The chunk size that fits the link: short enough to lose little with one and to end before a wake does, long enough that the
 * wait for each answer weighs little, and so many that all connections are at work until near the end.
 */
export function chooseChunkBytes(sizeBytes: number, terms: PlanLimits): number {
  const { ratePerRequest: ratePerFlight, maxInFlight: inFlight } = terms;
  const most = Math.min(terms.maxChunkBytes, terms.digests ? MAX_DIGESTED_CHUNK_BYTES : MAX_CHUNK_BYTES);
  if (ratePerFlight === null) return most;
  const wanted = Math.min(
    Math.max(sizeBytes / (4 * inFlight), ratePerFlight * MIN_CHUNK_SECONDS),
    ratePerFlight * MAX_CHUNK_SECONDS,
  );
  const least = Math.max(MIN_CHUNK_BYTES, sizeBytes / MAX_CHUNKS);
  const whole = Math.ceil(Math.max(wanted, least) / MIN_CHUNK_BYTES) * MIN_CHUNK_BYTES;
  return Math.min(whole, most);
}

/**
 * A better plan for an upload whose chunks have proved to take far too long, or so short that waiting is most of it; null while
 * its plan will do, or when more is done than a new plan would save.
 */
export function findBetterPlan(upload: Upload, plan: Plan, doneBytes: number, terms: PlanLimits): ChunkPlan | null {
  if (!terms.unequal || doneBytes * 4 > upload.sizeBytes) return null;
  const better = choosePlan(upload, terms);
  if (better.way === 'direct') return null;
  const change = better.chunkBytes / (plan.way === 'direct' ? upload.sizeBytes : plan.chunkBytes);
  return change >= 4 || change <= 1 / 4 ? better : null;
}
