/** Largest chunk of the basic level, in bytes. */
export const MAX_CHUNK_BYTES = 50 * 1024 * 1024;
/**
 * Largest request body of the basic level, form included, in bytes. Cloudflare answers 413 above
 * it.
 */
export const MAX_REQUEST_BYTES = 100 * 1024 * 1024;
/**
 * Chunks are not halved below this size, in bytes: a server refuses such a chunk for another
 * reason.
 */
const MIN_HALVED_CHUNK_BYTES = 256 * 1024;

/** The byte range `[start, end)` of one request. */
export interface Chunk {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** How one generation of an upload is sent: whole, in one request, or in chunks. */
export type Plan = { readonly way: 'direct' } | ChunkPlan;

/** Chunks of one size, except the first ones and the final one. */
export interface ChunkPlan {
  readonly way: 'chunks';
  readonly chunkBytes: number;
  /** Sizes of the first chunks; all later chunks have `chunkBytes`. */
  readonly ramp: readonly RampStep[];
}

/** The size of one chunk in bytes, or the number and size of several equal ones. */
export type RampStep = number | { readonly count: number; readonly bytes: number };

/**
 * Cuts an upload into the chunks of a plan: in order, without gap or overlap. An empty file is one
 * empty chunk, because chunk 0 opens the session.
 *
 * @throws RangeError if a size of the plan is not a positive integer.
 */
export function cut(sizeBytes: number, plan: Plan): Chunk[] {
  if (plan.way === 'direct' || sizeBytes === 0) return [{ index: 0, start: 0, end: sizeBytes }];
  const chunks: Chunk[] = [];
  for (const step of [...plan.ramp, { count: Number.POSITIVE_INFINITY, bytes: plan.chunkBytes }]) {
    const { count, bytes } = typeof step === 'number' ? { count: 1, bytes: step } : step;
    if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new RangeError(`Not a chunk size: ${bytes}`);
    let start = chunks.at(-1)?.end ?? 0;
    for (let n = 0; n < count && start < sizeBytes; n++) {
      const end = Math.min(start + bytes, sizeBytes);
      chunks.push({ index: chunks.length, start, end });
      start = end;
    }
  }
  return chunks;
}

/** A plan with the first chunks of another one, and another size for the rest. */
export function resizeRest(sizeBytes: number, plan: ChunkPlan, keptCount: number, chunkBytes: number): ChunkPlan {
  const ramp: { count: number; bytes: number }[] = [];
  for (const { start, end } of cut(sizeBytes, plan).slice(0, keptCount)) {
    const last = ramp.at(-1);
    if (last?.bytes === end - start) last.count++;
    else ramp.push({ count: 1, bytes: end - start });
  }
  return { way: 'chunks', chunkBytes, ramp };
}

/**
 * The plan after a chunk was too large: chunks of half the size, or null if they would be too
 * small.
 */
export function halveChunks(plan: Plan, sizeBytes: number): ChunkPlan | null {
  const previousBytes = plan.way === 'direct' ? Math.min(2 * MAX_CHUNK_BYTES, sizeBytes) : plan.chunkBytes;
  const chunkBytes = Math.floor(previousBytes / 2);
  return chunkBytes < MIN_HALVED_CHUNK_BYTES ? null : { way: 'chunks', chunkBytes, ramp: [] };
}
