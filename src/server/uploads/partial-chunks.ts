import { createHash } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { ByteStore, ReceivedBlob } from '../store/byte-store.ts';
import { overlaps, type PartialChunk, type Session, type StoredChunk } from '../store/upload-store.ts';
import type { ChunkFields } from './form-fields.ts';

/** Fewer bytes cost more to continue than to send again. */
export const MIN_PARTIAL_BYTES = 64 * 1024;

/** A partial chunk as the status route lists it. */
export interface PartialChunkStatus {
  readonly index: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Continues partial chunks, and computes their digests. */
export class PartialChunks {
  readonly #bytes: ByteStore;
  readonly #digests = new WeakMap<PartialChunk, Promise<string>>();

  constructor(bytes: ByteStore) {
    this.#bytes = bytes;
  }

  /**
   * The chunk that consists of a body, after the kept bytes that the body continues.
   *
   * @throws ApiError 409 `partial_changed` when the session does not keep these bytes.
   */
  async toChunk({ partials }: Session, fields: ChunkFields, { blob, sizeBytes }: ReceivedBlob): Promise<StoredChunk> {
    const body = { blob, sizeBytes };
    const { index, offset, partialSha256 } = fields;
    if (partialSha256 === null) return { parts: [body], offset, sizeBytes };
    const partial = partials.get(index);
    if (!partial || partial.offset + partial.sizeBytes !== offset) throw partialChanged();
    if ((await this.#getDigest(partial)) !== partialSha256) throw partialChanged();
    return { ...partial, parts: [...partial.parts, body], sizeBytes: partial.sizeBytes + sizeBytes };
  }

  /** In the order of their indices. */
  async list({ partials }: Session): Promise<PartialChunkStatus[]> {
    const sorted = [...partials].sort(([a], [b]) => a - b);
    const statuses = sorted.map(async ([index, partial]): Promise<PartialChunkStatus> => {
      const { offset, sizeBytes } = partial;
      return { index, offset, sizeBytes, sha256: await this.#getDigest(partial) };
    });
    return Promise.all(statuses);
  }

  #getDigest(partial: PartialChunk): Promise<string> {
    const known = this.#digests.get(partial);
    if (known) return known;
    const digest = this.#computeDigest(partial);
    this.#digests.set(partial, digest);
    digest.catch(() => this.#digests.delete(partial));
    return digest;
  }

  async #computeDigest({ parts, sizeBytes }: PartialChunk): Promise<string> {
    const hash = createHash('sha256');
    for await (const data of this.#bytes.read(parts, 0, sizeBytes)) hash.update(data);
    return hash.digest('hex');
  }
}

/** The partial chunks that a session keeps beside a chunk, or beside another partial chunk. */
export function keepApart({ partials }: Session, index: number, chunk: StoredChunk): Map<number, PartialChunk> {
  return new Map([...partials].filter(([other, partial]) => other !== index && !overlaps(partial, chunk)));
}

/** Whether the bytes of a cut request are worth keeping in place of those that the session has. */
export function isWorthKeeping(session: Session, { index }: ChunkFields, chunk: StoredChunk): chunk is PartialChunk {
  if (chunk.offset === null || session.chunks.has(index)) return false;
  const partial = session.partials.get(index);
  return partial?.offset !== chunk.offset || partial.sizeBytes < chunk.sizeBytes;
}

function partialChanged(): ApiError {
  const message = 'The server does not keep these first bytes of the chunk. Send the whole chunk.';
  return new ApiError(409, 'partial_changed', message);
}
