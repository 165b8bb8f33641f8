import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, Part } from '../byte-store.ts';
import {
  type ChunkUpdate,
  overlaps,
  type PartialChunk,
  type PartialsUpdate,
  type Session,
  type StoredChunk,
} from '../upload-store.ts';
import { makeFolder, readJson, writeJson } from './atomic-fs.ts';
import { findChunks, type OneOrMore, toChunkName, toPartialName } from './chunk-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { type LegacyFields, readLegacyMetadata } from './legacy-metadata.ts';

const SESSIONS = 'sessions';
const FACTS = 'session.json';
const DETAILS = 'details.json';
/** The name of the details in earlier versions. */
const LEGACY_DETAILS = 'told.json';

/** Any chunk may change these. */
type SessionDetails = Pick<Session, 'metadata' | 'fileSize'>;

/** The content of `session.json`, written with the first chunk. */
type StoredFacts = Omit<Session, 'metadata' | 'fileSize' | 'chunks' | 'partials' | 'touchedAt'> &
  Partial<SessionDetails> &
  LegacyFields;

type LegacyDetails = LegacyFields & { readonly fileSize?: number | null };

/**
 * Unfinished uploads on disk: a folder each. The name of a chunk's file states index, offset and
 * size, so that renaming it into the folder stores bytes and facts at once.
 */
export class SessionFiles {
  readonly #bytes: FolderByteStore;

  constructor(bytes: FolderByteStore) {
    this.#bytes = bytes;
  }

  async listIds(): Promise<string[]> {
    await makeFolder(this.#bytes.toPath(SESSIONS));
    return readdir(this.#bytes.toPath(SESSIONS));
  }

  /** @returns null for a folder whose session was never acknowledged. */
  async read(id: string): Promise<Session | null> {
    const facts = (await readJson(this.#toPath(id, FACTS))) as StoredFacts | null;
    if (!facts) return null;
    const { ownerId, key, generation, totalChunks, filename, uploadType } = facts;
    const details = await this.#readDetails(id, facts);
    const { mtimeMs: touchedAt } = await stat(this.#toPath(id));
    const { chunks, partials } = await this.#readChunks(id);
    const plan = { ownerId, key, generation, totalChunks, filename, uploadType };
    return { id, ...plan, ...details, chunks, partials, touchedAt };
  }

  /**
   * Stores a chunk; the first one creates the folder.
   *
   * @returns the chunk in its place.
   */
  async saveChunk({ session, index, chunk }: ChunkUpdate, previous: Session | undefined): Promise<StoredChunk> {
    // Before the chunk: once its file is here, the client need not send it again.
    await this.#writeFacts(session, previous);
    const place = () => this.#toBlob(session.id, toChunkName(index, chunk));
    const stored = { ...chunk, parts: await this.#place(chunk.parts, place) };
    const replaced = [previous?.chunks.get(index), ...(previous?.partials.values() ?? [])];
    await this.#removeUnused(toBlobs(replaced), toBlobs([stored, ...session.partials.values()]));
    return stored;
  }

  /**
   * Stores partial chunks; the first one creates the folder.
   *
   * @returns the partial chunks in their places.
   */
  async savePartials({ session }: PartialsUpdate, previous: Session | undefined): Promise<Session['partials']> {
    await this.#writeFacts(session, previous);
    const placed = new Map<number, PartialChunk>();
    for (const [index, partial] of session.partials) {
      placed.set(index, partial);
      if (previous?.partials.get(index) === partial) continue;
      const place = (start: number, { sizeBytes }: Part) =>
        this.#toBlob(session.id, toPartialName(index, partial.offset + start, sizeBytes));
      placed.set(index, { ...partial, parts: await this.#place(partial.parts, place) });
    }
    return placed;
  }

  /**
   * Removes the partial chunks that the update replaces. The names of their files would otherwise
   * be mixed with those of their successors after a stop.
   *
   * @returns the session without them.
   */
  async removePartials({ session }: PartialsUpdate, previous: Session): Promise<Session> {
    const used = toBlobs([...session.partials.values()]);
    await this.#removeUnused(toBlobs([...previous.partials.values()]), used);
    const stay = [...previous.partials].filter(([, partial]) =>
      toBlobs([partial]).every((blob) => used.includes(blob)),
    );
    return { ...previous, partials: new Map(stay) };
  }

  remove(id: string): Promise<void> {
    return this.#bytes.removeFolder(join(SESSIONS, id));
  }

  async #readChunks(id: string): Promise<Pick<Session, 'chunks' | 'partials'>> {
    const names = await readdir(this.#toPath(id));
    const found = findChunks(names, (name) => this.#toBlob(id, name));
    const chunks = new Map<number, StoredChunk>();
    for (const [index, candidates] of found.chunks) chunks.set(index, await this.#pickNewest(candidates));
    const isOverlapped = (partial: PartialChunk) => [...chunks.values()].some((chunk) => overlaps(chunk, partial));
    const partials = new Map([...found.partials].filter(([, partial]) => !isOverlapped(partial)));
    const chunkFiles = names.filter((name) => /^(partial-)?\d/.test(name)).map((name) => this.#toBlob(id, name));
    await this.#removeUnused(chunkFiles, toBlobs([...chunks.values(), ...partials.values()]));
    return { chunks, partials };
  }

  /** A stop before the removal of a replaced chunk leaves its file. */
  async #pickNewest([first, ...others]: OneOrMore<StoredChunk>): Promise<StoredChunk> {
    let newest = first;
    for (const other of others) {
      if ((await this.#getTime(other)) > (await this.#getTime(newest))) newest = other;
    }
    return newest;
  }

  async #getTime({ parts }: StoredChunk): Promise<number> {
    const { mtimeMs } = await stat(this.#bytes.toPath(parts.at(-1)?.blob ?? ''));
    return mtimeMs;
  }

  async #writeFacts(session: PartialsUpdate['session'], previous: Session | undefined): Promise<void> {
    if (!previous) return this.#create(session);
    if (!hasSameDetails(session, previous)) await writeJson(this.#toPath(session.id, DETAILS), toDetails(session));
  }

  async #create(session: PartialsUpdate['session']): Promise<void> {
    const { id, ownerId, key, generation, totalChunks, filename, uploadType, metadata, fileSize } = session;
    const facts = { id, ownerId, key, generation, totalChunks, filename, uploadType, metadata, fileSize };
    await makeFolder(this.#toPath(id));
    await writeJson(this.#toPath(id, FACTS), facts);
  }

  /** Gives received parts their names; the others have theirs. */
  async #place(parts: readonly Part[], toBlob: (start: number, part: Part) => BlobRef): Promise<Part[]> {
    const placed: Part[] = [];
    let start = 0;
    for (const part of parts) {
      const blob = this.#bytes.isReceived(part.blob) ? toBlob(start, part) : part.blob;
      if (blob !== part.blob) await this.#bytes.place(part.blob, blob);
      placed.push({ ...part, blob });
      start += part.sizeBytes;
    }
    return placed;
  }

  async #removeUnused(blobs: readonly BlobRef[], used: readonly BlobRef[]): Promise<void> {
    const keep = new Set(used);
    for (const blob of blobs) if (!keep.has(blob)) await rm(this.#bytes.toPath(blob), { force: true });
  }

  /** Later details win over those of the first chunk. */
  async #readDetails(id: string, facts: StoredFacts): Promise<SessionDetails> {
    const details = (await readJson(this.#toPath(id, DETAILS))) as SessionDetails | null;
    if (details) return details;
    if (facts.metadata) return { metadata: facts.metadata, fileSize: facts.fileSize ?? null };
    const legacy = (await readJson(this.#toPath(id, LEGACY_DETAILS))) as LegacyDetails | null;
    return { metadata: readLegacyMetadata({ ...facts, ...legacy }), fileSize: legacy?.fileSize ?? null };
  }

  #toBlob(id: string, name: string): BlobRef {
    return join(SESSIONS, id, name);
  }

  #toPath(id: string, ...file: string[]): string {
    return this.#bytes.toPath(join(SESSIONS, id, ...file));
  }
}

function hasSameDetails(a: SessionDetails, b: SessionDetails): boolean {
  return JSON.stringify(toDetails(a)) === JSON.stringify(toDetails(b));
}

function toDetails({ metadata, fileSize }: SessionDetails): SessionDetails {
  return { metadata, fileSize };
}

function toBlobs(chunks: readonly (StoredChunk | undefined)[]): BlobRef[] {
  return chunks.flatMap((chunk) => chunk?.parts.map(({ blob }) => blob) ?? []);
}
