import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../ids.ts';
import {
  type Declared,
  NOTHING_DECLARED,
  type Session,
  type SessionFacts,
  type StoredChunk,
} from '../uploads/session.ts';
import { commitFile, makeFolder, readJson, writeJson } from './atomic-fs.ts';

/** The unfinished uploads on disk: a folder each, whose chunk files are named after index, offset and size. */
export class SessionFiles {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** The ids of all folders, made if there is no place for them yet. */
  async ids(): Promise<string[]> {
    await makeFolder(join(this.#dataDir, 'sessions'));
    return readdir(join(this.#dataDir, 'sessions'));
  }

  /** Null for a folder whose session was never acknowledged. */
  async read(id: string): Promise<Session | null> {
    const facts = (await readJson(this.#path(id, 'session.json'))) as SessionFacts | null;
    if (!facts) return null;
    const declared = {
      ...NOTHING_DECLARED,
      ...((await readJson(this.#path(id, 'told.json'))) as Partial<Declared> | null),
    };
    const chunks = new Map<number, StoredChunk>();
    for (const file of await readdir(this.#path(id))) {
      const [, index, offset, size] = /^(\d+)-(\d+|next)-(\d+)$/.exec(file) ?? [];
      if (index === undefined) continue;
      chunks.set(Number(index), { file, sizeBytes: Number(size), offset: offset === 'next' ? null : Number(offset) });
    }
    return { ...facts, chunks, declared, touchedAt: (await stat(this.#path(id))).mtimeMs };
  }

  /** Makes a received file durable as a chunk, instead of the one that had its index before; a first chunk with its session. */
  async store(session: Session, declared: Declared, index: number, chunk: StoredChunk, temp: string): Promise<void> {
    const { id, chunks } = session;
    if (chunks.size === 0) await this.#create(session);
    if (JSON.stringify(declared) !== JSON.stringify(session.declared))
      await writeJson(this.#path(id, 'told.json'), declared);
    await commitFile(temp, this.#path(id, chunk.file));
    const before = chunks.get(index);
    if (before && before.file !== chunk.file) await rm(this.#path(id, before.file), { force: true });
  }

  /** Gone at once; its bytes are given free after that. */
  async remove(id: string): Promise<void> {
    const gone = join(this.#dataDir, 'temp', newId());
    // Where a join that ended meanwhile took it away, it is gone as well.
    await rename(this.#path(id), gone).catch((error: { code?: string }) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(gone, { recursive: true, force: true });
  }

  /** Where a chunk lies, relative to the data folder. */
  partPath(id: string, chunk: StoredChunk): string {
    return join('sessions', id, chunk.file);
  }

  async #create(session: SessionFacts): Promise<void> {
    const { id, ownerId, key, generation, totalChunks, filename, uploadType, taskId } = session;
    const facts: SessionFacts = { id, ownerId, key, generation, totalChunks, filename, uploadType, taskId };
    await makeFolder(this.#path(id));
    await writeJson(this.#path(id, 'session.json'), facts);
  }

  #path(id: string, ...file: string[]): string {
    return join(this.#dataDir, 'sessions', id, ...file);
  }
}
