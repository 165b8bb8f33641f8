import type { PartialChunk, StoredChunk } from '../upload-store.ts';

/** A list that is not empty. */
export type OneOrMore<T> = readonly [T, ...T[]];

/** The chunks of a session as the names of their files state them. */
export interface NamedChunks {
  /** By index. A stop may leave the file of a chunk and that of its successor. */
  readonly chunks: ReadonlyMap<number, OneOrMore<StoredChunk>>;
  readonly partials: ReadonlyMap<number, PartialChunk>;
}

interface FileFacts {
  readonly name: string;
  readonly index: number;
  readonly offset: number | null;
  readonly sizeBytes: number;
}

interface PartialFile extends FileFacts {
  readonly offset: number;
}

interface ChunkFile extends FileFacts {
  /** The bytes in the file itself, when partial files contain the first bytes of the chunk. */
  readonly bodyBytes: number;
}

/**
 * The file of a chunk: `<index>-<offset>-<size>`. One that continues partial files contains only
 * the last bytes of its chunk, and adds their number: `<index>-<offset>-<size>-<bytes>`.
 */
export function toChunkName(index: number, { offset, sizeBytes, parts }: StoredChunk): string {
  const name = `${index}-${offset ?? 'next'}-${sizeBytes}`;
  return parts.length === 1 ? name : `${name}-${parts.at(-1)?.sizeBytes}`;
}

/** The file of bytes that arrived of a chunk: `partial-<index>-<offset of the bytes>-<size>`. */
export function toPartialName(index: number, offset: number, sizeBytes: number): string {
  return `partial-${index}-${offset}-${sizeBytes}`;
}

/** Finds the chunks among the files of a session folder. Ignores other files. */
export function findChunks(names: readonly string[], toBlob: (name: string) => string): NamedChunks {
  const partials = findPartials(names, toBlob);
  const chunks = new Map<number, OneOrMore<StoredChunk>>();
  for (const file of names.flatMap((name) => parseChunkName(name) ?? [])) {
    const chunk = toChunk(file, partials.get(file.index), toBlob);
    if (chunk) chunks.set(file.index, [chunk, ...(chunks.get(file.index) ?? [])]);
  }
  // The partial chunk of a stored chunk is a part of it, or a stop kept the store from removing it.
  for (const index of chunks.keys()) partials.delete(index);
  return { chunks, partials };
}

function findPartials(names: readonly string[], toBlob: (name: string) => string): Map<number, PartialChunk> {
  const partials = new Map<number, PartialChunk>();
  const files = names.flatMap((name) => parsePartialName(name) ?? []).sort((a, b) => a.offset - b.offset);
  for (const { name, index, offset, sizeBytes } of files) {
    const part = { blob: toBlob(name), sizeBytes };
    const first = partials.get(index);
    if (!first) partials.set(index, { parts: [part], offset, sizeBytes });
    else if (first.offset + first.sizeBytes === offset) {
      partials.set(index, { ...first, parts: [...first.parts, part], sizeBytes: first.sizeBytes + sizeBytes });
    }
  }
  return partials;
}

function toChunk(
  { name, offset, sizeBytes, bodyBytes }: ChunkFile,
  partial: PartialChunk | undefined,
  toBlob: (name: string) => string,
): StoredChunk | null {
  const body = { blob: toBlob(name), sizeBytes: bodyBytes };
  if (bodyBytes === sizeBytes) return { parts: [body], offset, sizeBytes };
  const isContinued = partial?.offset === offset && partial?.sizeBytes === sizeBytes - bodyBytes;
  return isContinued ? { parts: [...partial.parts, body], offset, sizeBytes } : null;
}

function parseChunkName(name: string): ChunkFile | null {
  const [, index, offset, size, body] = /^(\d+)-(\d+|next)-(\d+)(?:-(\d+))?$/.exec(name) ?? [];
  if (index === undefined) return null;
  const sizeBytes = Number(size);
  const bodyBytes = body === undefined ? sizeBytes : Number(body);
  return { name, index: Number(index), offset: offset === 'next' ? null : Number(offset), sizeBytes, bodyBytes };
}

function parsePartialName(name: string): PartialFile | null {
  const [, index, offset, size] = /^partial-(\d+)-(\d+)-(\d+)$/.exec(name) ?? [];
  return index === undefined ? null : { name, index: Number(index), offset: Number(offset), sizeBytes: Number(size) };
}
