import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, Part } from '../byte-store.ts';
import type { FileList } from '../file-list.ts';
import {
  type ChunkUpdate,
  overlaps,
  type PartialChunk,
  type PartialsUpdate,
  type Session,
  type StoredChunk,
} from '../upload-store.ts';
import { makeFolder } from './atomic-fs.ts';
import { findChunks, type OneOrMore, toChunkName, toPartialName } from './chunk-files.ts';
import type { DamagedFiles } from './damaged-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { readFacts, writeFacts } from './session-facts.ts';

const SESSIONS = 'sessions';
const FILE_LIST = 'files';

/**
 * Unfinished uploads on disk: a folder each. The name of a chunk's file states index, offset and
 * size, so that renaming it into the folder stores bytes and facts at once.
 */
export class SessionFiles {
  readonly #bytes: FolderByteStore;

  readonly #damaged: DamagedFiles;

  constructor(bytes: FolderByteStore, damaged: DamagedFiles) {
    this.#bytes = bytes;
    this.#damaged = damaged;
  }

  async listIds(): Promise<string[]> {
    await makeFolder(this.#bytes.toPath(SESSIONS));
    return readdir(this.#bytes.toPath(SESSIONS));
  }

  /**
   * Reads a session, or removes its folder if it was never acknowledged.
   *
   * @returns null for that, and for what was set aside because it is not a session.
   */
  async read(id: string): Promise<Session | null> {
    return this.#damaged.guard(join(SESSIONS, id), () => this.#read(id));
  }

  async #read(id: string): Promise<Session | null> {
    const facts = await readFacts(id, this.#toPath(id));
    if (!facts) {
      await this.remove(id);
      return null;
    }
    const { chunks, partials } = await this.#readChunks(id);
    const { fileCount } = facts;
    const fileList = fileCount === null ? null : await this.#findFileList(id, fileCount);
    return { ...facts, fileList, chunks, partials };
  }

  /**
   * Stores a chunk and a list that came with it; the first chunk creates the folder.
   *
   * @returns both in their places.
   */
  async saveChunk(
    { session, index, chunk, fileList }: ChunkUpdate,
    previous: Session | undefined,
  ): Promise<Pick<Session, 'fileList'> & { readonly chunk: StoredChunk }> {
    const { id, partials } = session;
    // Before the chunk: once its file is here, the client need not send it again.
    await writeFacts(session, previous, this.#toPath(id));
    // Before the chunk, too: chunk 0 in the session means that the list is there.
    const storedList = fileList ? await this.#placeFileList(id, fileList) : (previous?.fileList ?? null);
    const place = () => this.#toBlob(id, toChunkName(index, chunk));
    const stored = { ...chunk, parts: await this.#place(chunk.parts, place) };
    const replaced = [previous?.chunks.get(index), ...(previous?.partials.values() ?? [])];
    await this.#removeUnused(toBlobs(replaced), toBlobs([stored, ...partials.values()]));
    return { chunk: stored, fileList: storedList };
  }

  /**
   * Stores partial chunks; the first one creates the folder.
   *
   * @returns the partial chunks in their places.
   */
  async savePartials({ session }: PartialsUpdate, previous: Session | undefined): Promise<Session['partials']> {
    await writeFacts(session, previous, this.#toPath(session.id));
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

  async #placeFileList(id: string, fileList: FileList): Promise<FileList> {
    const blob = this.#toBlob(id, FILE_LIST);
    await this.#bytes.place(fileList.blob, blob);
    return { ...fileList, blob };
  }

  async #findFileList(id: string, fileCount: number): Promise<FileList | null> {
    const file = await stat(this.#toPath(id, FILE_LIST)).catch(() => null);
    return file && { blob: this.#toBlob(id, FILE_LIST), sizeBytes: file.size, fileCount, hasDigests: false };
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

  #toBlob(id: string, name: string): BlobRef {
    return join(SESSIONS, id, name);
  }

  #toPath(id: string, ...file: string[]): string {
    return this.#bytes.toPath(join(SESSIONS, id, ...file));
  }
}

function toBlobs(chunks: readonly (StoredChunk | undefined)[]): BlobRef[] {
  return chunks.flatMap((chunk) => chunk?.parts.map(({ blob }) => blob) ?? []);
}
