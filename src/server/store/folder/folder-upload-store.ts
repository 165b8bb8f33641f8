import {
  type Batch,
  type ChunkUpdate,
  countBytes,
  isJoined,
  type NewBatch,
  type PartialsUpdate,
  type Session,
  type UploadStore,
} from '../upload-store.ts';
import { BatchFiles } from './batch-files.ts';
import { ChunkJoiner } from './chunk-joiner.ts';
import type { DamagedFiles } from './damaged-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { SessionFiles } from './session-files.ts';
import { UploadIndex } from './upload-index.ts';

/**
 * The facts of uploads in the data folder, indexed in memory. Only one process may use a folder.
 */
export class FolderUploadStore implements UploadStore {
  readonly index = new UploadIndex();
  readonly #sessionFiles: SessionFiles;
  readonly #batchFiles: BatchFiles;
  readonly #joiner: ChunkJoiner;

  private constructor(bytes: FolderByteStore, damaged: DamagedFiles) {
    this.#sessionFiles = new SessionFiles(bytes, damaged);
    this.#batchFiles = new BatchFiles(bytes, damaged);
    this.#joiner = new ChunkJoiner({
      bytes,
      batchFiles: this.#batchFiles,
      sessionFiles: this.#sessionFiles,
      onJoined: (batch) => this.index.setBatch(batch),
    });
  }

  /** Reads what the folder holds. Damaged entries are set aside. */
  static async open(bytes: FolderByteStore, damaged: DamagedFiles): Promise<FolderUploadStore> {
    const store = new FolderUploadStore(bytes, damaged);
    for (const batch of await store.#batchFiles.readAll()) store.index.setBatch(batch);
    await store.#readSessions();
    for (const batch of store.index.batches) store.#joiner.schedule(batch);
    return store;
  }

  async findSession(id: string): Promise<Session | undefined> {
    return this.index.findSession(id);
  }

  async findSessionByKey(ownerId: string, key: string): Promise<Session | undefined> {
    return this.index.findSessionByKey(ownerId, key);
  }

  async listIdleSessions(before: number): Promise<readonly Session[]> {
    return this.index.sessions.filter(({ touchedAt }) => touchedAt < before);
  }

  async findBatch(batchId: string): Promise<Batch | undefined> {
    return this.index.findBatch(batchId);
  }

  async findBatchByKey(ownerId: string, key: string): Promise<Batch | undefined> {
    return this.index.findBatchByKey(ownerId, key);
  }

  async findBatchBySession(sessionId: string): Promise<Batch | undefined> {
    return this.index.findBatchBySession(sessionId);
  }

  async listBatches(ownerId: string): Promise<readonly Batch[]> {
    return this.index.listBatches(ownerId);
  }

  async saveChunk(update: ChunkUpdate): Promise<Session> {
    const { session, index, chunk } = update;
    const previous = this.index.findSession(session.id);
    const chunks = new Map(previous?.chunks).set(index, chunk);
    const fileList = update.fileList ?? previous?.fileList ?? null;
    return this.#save(update, { chunks, fileList }, async () => {
      const placed = await this.#sessionFiles.saveChunk(update, previous);
      chunks.set(index, placed.chunk);
      return { ...session, fileList: placed.fileList, chunks, touchedAt: Date.now() };
    });
  }

  async savePartials(update: PartialsUpdate): Promise<Session> {
    const { session } = update;
    const previous = this.index.findSession(session.id);
    const { chunks = new Map(), fileList = null } = previous ?? {};
    return this.#save(update, { chunks, fileList }, async () => {
      if (previous) this.index.setSession(await this.#sessionFiles.removePartials(update, previous));
      const partials = await this.#sessionFiles.savePartials(update, previous);
      return { ...session, fileList, chunks, partials, touchedAt: Date.now() };
    });
  }

  async deleteSession(id: string): Promise<void> {
    if (!this.index.findSession(id)) return;
    this.index.deleteSession(id);
    await this.#sessionFiles.remove(id);
  }

  async createBatch(batch: NewBatch): Promise<Batch> {
    const { ownerId, key, sessionId } = batch;
    const existing = this.index.findBatchByKey(ownerId, key);
    if (existing) return existing;
    const created = await this.#batchFiles.create(batch);
    this.index.setBatch(created);
    // The chunk files of this session belong to the batch until they are joined.
    if (sessionId !== null) this.index.deleteSession(sessionId);
    const other = this.index.findSessionByKey(ownerId, key);
    if (other) await this.deleteSession(other.id);
    this.#joiner.schedule(created);
    return created;
  }

  /** Resolves when no chunk files are left to join. */
  whenJoined(): Promise<void> {
    return this.#joiner.whenIdle();
  }

  close(): Promise<void> {
    return this.#joiner.close();
  }

  /** Counts a session with this content, then writes it. */
  async #save(
    { session, limits }: PartialsUpdate,
    content: Pick<Session, 'fileList' | 'chunks'>,
    write: () => Promise<Session>,
  ): Promise<Session> {
    const { id, ownerId, key } = session;
    const replaced = this.index.findSession(id) ? undefined : this.index.findSessionByKey(ownerId, key);
    // Counted before the disk writes: other chunks of this user may arrive meanwhile.
    this.index.usage.reserve(ownerId, id, countBytes({ ...session, ...content }), limits, replaced?.id);
    const saved = await write().catch(async (error: unknown) => {
      await this.#undo(session);
      throw error;
    });
    this.index.setSession(saved);
    if (replaced) await this.deleteSession(replaced.id);
    return saved;
  }

  async #undo({ ownerId, id }: Pick<Session, 'ownerId' | 'id'>): Promise<void> {
    const previous = this.index.findSession(id);
    if (previous) return this.index.usage.restore(ownerId, id, countBytes(previous));
    this.index.usage.release(ownerId, id);
    await this.#sessionFiles.remove(id);
  }

  async #readSessions(): Promise<void> {
    const sessions: Session[] = [];
    for (const id of await this.#sessionFiles.listIds()) {
      const batch = this.index.findBatchBySession(id);
      // The chunk files still belong to the batch.
      if (batch && !isJoined(batch)) continue;
      const session = batch ? null : await this.#sessionFiles.read(id);
      if (session) sessions.push(session);
      if (batch) await this.#sessionFiles.remove(id);
    }
    for (const session of sessions.sort((a, b) => a.generation - b.generation)) this.index.setSession(session);
    // A stop between the writes of one change leaves a session that was replaced, or whose batch
    // exists.
    for (const { id, ownerId, key } of sessions) {
      const isNewest = key === null || this.index.findSessionByKey(ownerId, key)?.id === id;
      if (!isNewest || this.index.findBatchByKey(ownerId, key)) await this.deleteSession(id);
    }
  }
}
