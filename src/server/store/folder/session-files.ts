import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileList } from '../file-list.ts';
import type { ChunkUpdate, Session, StoredChunk } from '../upload-store.ts';
import { makeFolder, readJson, writeJson } from './atomic-fs.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { type LegacyFields, readLegacyMetadata } from './legacy-metadata.ts';

const SESSIONS = 'sessions';
const FACTS = 'session.json';
const FILE_LIST = 'files';
const DETAILS = 'details.json';
/** The name of the details in earlier versions. */
const LEGACY_DETAILS = 'told.json';

/** Any chunk may change these. */
type SessionDetails = Pick<Session, 'metadata' | 'fileSize'>;

/** The content of `session.json`, written with the first chunk. */
type StoredFacts = Omit<Session, 'metadata' | 'fileSize' | 'fileCount' | 'fileList' | 'chunks' | 'touchedAt'> &
  // Missing in earlier versions.
  Partial<Pick<Session, 'fileCount'>> &
  Partial<SessionDetails> &
  LegacyFields;

type LegacyDetails = LegacyFields & { readonly fileSize?: number | null };

/**
 * Unfinished uploads on disk: a folder each. A chunk is a file whose name states index, offset and
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
    const { ownerId, key, generation, totalChunks, filename, uploadType, fileCount = null } = facts;
    const details = await this.#readDetails(id, facts);
    const chunks = new Map<number, StoredChunk>();
    for (const file of await readdir(this.#toPath(id))) {
      const parsed = parseChunkName(file);
      if (!parsed) continue;
      const { index, offset, sizeBytes } = parsed;
      chunks.set(index, { blob: join(SESSIONS, id, file), offset, sizeBytes });
    }
    const { mtimeMs: touchedAt } = await stat(this.#toPath(id));
    const fileList = fileCount === null ? null : await this.#findFileList(id, fileCount);
    const plan = { generation, totalChunks, filename, uploadType, fileCount, fileList };
    return { id, ownerId, key, ...plan, ...details, chunks, touchedAt };
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
    const { id } = session;
    // Before the chunk: once its file is here, the client need not send it again.
    if (!previous) await this.#create(session);
    else if (!hasSameDetails(session, previous)) await writeJson(this.#toPath(id, DETAILS), toDetails(session));
    // Before the chunk, too: chunk 0 in the session means that the list is there.
    const storedList = fileList ? await this.#placeFileList(id, fileList) : (previous?.fileList ?? null);
    const stored = { ...chunk, blob: join(SESSIONS, id, toChunkName(index, chunk)) };
    await this.#bytes.place(chunk.blob, stored.blob);
    const replaced = previous?.chunks.get(index);
    if (replaced && replaced.blob !== stored.blob) await rm(this.#bytes.toPath(replaced.blob), { force: true });
    return { chunk: stored, fileList: storedList };
  }

  remove(id: string): Promise<void> {
    return this.#bytes.removeFolder(join(SESSIONS, id));
  }

  async #placeFileList(id: string, fileList: FileList): Promise<FileList> {
    const blob = join(SESSIONS, id, FILE_LIST);
    await this.#bytes.place(fileList.blob, blob);
    return { ...fileList, blob };
  }

  async #findFileList(id: string, fileCount: number): Promise<FileList | null> {
    const file = await stat(this.#toPath(id, FILE_LIST)).catch(() => null);
    return file && { blob: join(SESSIONS, id, FILE_LIST), sizeBytes: file.size, fileCount, hasDigests: false };
  }

  async #create(session: ChunkUpdate['session']): Promise<void> {
    const { id, ownerId, key, generation, totalChunks, filename, uploadType, metadata, fileSize, fileCount } = session;
    const plan = { generation, totalChunks, filename, uploadType, fileCount };
    const facts = { id, ownerId, key, ...plan, metadata, fileSize };
    await makeFolder(this.#toPath(id));
    await writeJson(this.#toPath(id, FACTS), facts);
  }

  /** Later details win over those of the first chunk. */
  async #readDetails(id: string, facts: StoredFacts): Promise<SessionDetails> {
    const details = (await readJson(this.#toPath(id, DETAILS))) as SessionDetails | null;
    if (details) return details;
    if (facts.metadata) return { metadata: facts.metadata, fileSize: facts.fileSize ?? null };
    const legacy = (await readJson(this.#toPath(id, LEGACY_DETAILS))) as LegacyDetails | null;
    return { metadata: readLegacyMetadata({ ...facts, ...legacy }), fileSize: legacy?.fileSize ?? null };
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

function toChunkName(index: number, { offset, sizeBytes }: Omit<StoredChunk, 'blob'>): string {
  return `${index}-${offset ?? 'next'}-${sizeBytes}`;
}

function parseChunkName(name: string): { index: number; offset: number | null; sizeBytes: number } | null {
  const [, index, offset, size] = /^(\d+)-(\d+|next)-(\d+)$/.exec(name) ?? [];
  if (index === undefined) return null;
  return { index: Number(index), offset: offset === 'next' ? null : Number(offset), sizeBytes: Number(size) };
}
