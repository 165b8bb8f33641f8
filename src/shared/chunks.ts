/** The largest chunk the original API takes, in bytes. */
export const MAX_CHUNK_BYTES = 50 * 1024 * 1024;
/** The largest request body that passes the tunnel, form included, in bytes (Cloudflare answers 413 above it). */
export const MAX_REQUEST_BYTES = 100 * 1024 * 1024;
/** No chunk is cut smaller than this on a 413, in bytes. */
export const MIN_HALVED_CHUNK_BYTES = 256 * 1024;

/** One stretch of a file, `[start, end)` in bytes: how we send. */
export interface Chunk {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** How one generation of an upload is cut: whole in one request, or in chunks. Small enough to be stored. */
export type Plan = { readonly way: 'direct' } | ChunkPlan;

/** Chunks of one size, but for the first ones and the last. */
export interface ChunkPlan {
  readonly way: 'chunks';
  readonly chunkBytes: number;
  /** Sizes of the first chunks where they differ (a small chunk 0); then `chunkBytes`. */
  readonly ramp: readonly number[];
}

/**
 * Cuts `sizeBytes` bytes into the chunks of a plan: in order, without gap or overlap, the last one shorter.
 * An empty file is one empty chunk, because a session needs a chunk 0.
 *
 * @throws RangeError when a size of the plan is not a positive whole number.
 */
export function cut(sizeBytes: number, plan: Plan): Chunk[] {
  if (plan.way === 'direct' || sizeBytes === 0) return [{ index: 0, start: 0, end: sizeBytes }];
  for (const bytes of [plan.chunkBytes, ...plan.ramp]) {
    if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new RangeError(`Not a chunk size: ${bytes}`);
  }
  const chunks: Chunk[] = [];
  for (let start = 0; start < sizeBytes; ) {
    const index = chunks.length;
    const end = Math.min(start + (plan.ramp[index] ?? plan.chunkBytes), sizeBytes);
    chunks.push({ index, start, end });
    start = end;
  }
  return chunks;
}

/** The plan of the next generation after a 413: chunks of half the size, or null when they are small enough to rule size out. */
export function halveChunks(plan: Plan, sizeBytes: number): ChunkPlan | null {
  const before = plan.way === 'direct' ? Math.min(2 * MAX_CHUNK_BYTES, sizeBytes) : plan.chunkBytes;
  const chunkBytes = Math.floor(before / 2);
  return chunkBytes < MIN_HALVED_CHUNK_BYTES ? null : { way: 'chunks', chunkBytes, ramp: [] };
}
