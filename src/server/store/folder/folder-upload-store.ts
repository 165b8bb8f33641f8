import type { StoreLog } from '../store-log.ts';
import {
  type Batch,
  type BatchPosition,
  type ChunkUpdate,
  countBytes,
  isJoined,
  type NewBatch,
  type Observation,
  type PartialsUpdate,
  type Session,
  type UploadStore,
  type UserLimits,
} from '../upload-store.ts';
import { BatchFiles } from './batch-files.ts';
import type { BatchEntry } from './batch-index.ts';
import { ChunkJoiner } from './chunk-joiner.ts';
import type { DamagedFiles } from './damaged-files.ts';
import { FolderBatches } from './folder-batches.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { ObservedClock } from './observed-clock.ts';
import { SessionFiles } from './session-files.ts';
import { SessionIndex } from './session-index.ts';
import { UserUsage } from './user-usage.ts';

/** The dependencies of the store. */
export interface FolderUploadStoreDependencies {
  readonly bytes: FolderByteStore;
  readonly damaged: DamagedFiles;
  readonly log: StoreLog;
}

/**
 * The facts of uploads in the data folder. Sessions, and the facts by which a batch is found, are
 * in memory. Only one process may use a folder.
 */
export class FolderUploadStore implements UploadStore {
  readonly #usage = new UserUsage();
  readonly sessions = new SessionIndex(this.#usage);
  readonly batches: FolderBatches;
  readonly #sessionFiles: SessionFiles;
  readonly #joiner: ChunkJoiner;
  readonly #clock: ObservedClock;

  private constructor({ bytes, damaged, log }: FolderUploadStoreDependencies, clock: ObservedClock) {
    this.#clock = clock;
    this.#sessionFiles = new SessionFiles(bytes, damaged);
    const batchFiles = new BatchFiles(bytes, damaged);
    this.batches = new FolderBatches({ files: batchFiles, usage: this.#usage, clock });
    this.#joiner = new ChunkJoiner({
      bytes,
      batchFiles,
      onFailed: (batchId, err) => {
        // Otherwise it was deleted meanwhile.
        if (this.batches.index.find(batchId)) log.error({ batchId, err }, 'The chunks of a batch cannot be joined.');
      },
      sessionFiles: this.#sessionFiles,
      onJoined: (batchId) => this.batches.index.setJoined(batchId),
    });
  }

  /** Reads what the folder holds. Damaged entries are set aside. */
  static async open(dependencies: FolderUploadStoreDependencies): Promise<FolderUploadStore> {
    const { bytes, damaged } = dependencies;
    const clock = await ObservedClock.open(bytes.toPath(''), damaged);
    const store = new FolderUploadStore(dependencies, clock);
    await store.batches.load();
    await store.#readSessions();
    for (const entry of store.batches.index.entries) if (!entry.isJoined) store.#joiner.schedule(entry.batchId);
    return store;
  }

  async findSession(id: string): Promise<Session | undefined> {
    return this.sessions.find(id);
  }

  async findSessionByKey(ownerId: string, key: string): Promise<Session | undefined> {
    return this.sessions.findByKey(ownerId, key);
  }

  async observe(now: number, idleMs: number): Promise<Observation> {
    await this.#clock.observe(now, this.sessions.all);
    const idleSessions = this.sessions.all.filter(({ id }) => this.#clock.getIdleMs(id) >= idleMs);
    return { time: this.#clock.believedAt, idleSessions };
  }

  async findBatch(batchId: string): Promise<Batch | undefined> {
    return this.batches.read(this.batches.index.find(batchId));
  }

  async findBatchByKey(ownerId: string, key: string): Promise<Batch | undefined> {
    return this.batches.read(this.batches.index.findByKey(ownerId, key));
  }

  async findBatchBySession(sessionId: string): Promise<Batch | undefined> {
    return this.batches.read(this.batches.index.findBySession(sessionId));
  }

  listBatches(ownerId: string, before?: BatchPosition): AsyncIterable<Batch> {
    return this.batches.list(ownerId, before);
  }

  async listOldBatches(before: number): Promise<readonly BatchEntry[]> {
    return [...this.batches.index.entries].filter(({ createdAt }) => createdAt < before);
  }

  async countBytes(ownerId: string): Promise<number> {
    return this.#usage.get(ownerId);
  }

  async saveChunk(update: ChunkUpdate): Promise<Session> {
    const { session, index, chunk } = update;
    const previous = this.sessions.find(session.id);
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
    const previous = this.sessions.find(session.id);
    const { chunks = new Map(), fileList = null } = previous ?? {};
    return this.#save(update, { chunks, fileList }, async () => {
      if (previous) this.sessions.set(await this.#sessionFiles.removePartials(update, previous));
      const partials = await this.#sessionFiles.savePartials(update, previous);
      return { ...session, fileList, chunks, partials, touchedAt: Date.now() };
    });
  }

  async deleteSession(id: string): Promise<void> {
    if (!this.sessions.find(id)) return;
    this.sessions.delete(id);
    await this.#sessionFiles.remove(id);
  }

  async createBatch(batch: NewBatch, limits: UserLimits): Promise<Batch> {
    const { ownerId, key, sessionId } = batch;
    const existing = await this.batches.read(this.batches.index.findByKey(ownerId, key));
    if (existing) return existing;
    const replaced = this.sessions.findByKey(ownerId, key);
    const created = await this.batches.create(batch, limits, replaced?.id);
    // The chunk files of this session belong to the batch until they are joined.
    if (sessionId !== null) this.sessions.delete(sessionId);
    if (replaced) await this.deleteSession(replaced.id);
    if (!isJoined(created)) this.#joiner.schedule(created.batchId);
    return created;
  }

  async deleteBatch(batchId: string): Promise<void> {
    const deleted = await this.batches.delete(batchId);
    if (deleted && deleted.sessionId !== null) await this.#sessionFiles.remove(deleted.sessionId);
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
    const replaced = this.sessions.find(id) ? undefined : this.sessions.findByKey(ownerId, key);
    // Counted before the disk writes: other chunks of this user may arrive meanwhile.
    this.#usage.reserve(ownerId, id, countBytes({ ...session, ...content }), limits, replaced?.id);
    const saved = await write().catch(async (error: unknown) => {
      await this.#undo(session);
      throw error;
    });
    this.sessions.set(saved);
    if (replaced) await this.deleteSession(replaced.id);
    return saved;
  }

  async #undo({ ownerId, id }: Pick<Session, 'ownerId' | 'id'>): Promise<void> {
    const previous = this.sessions.find(id);
    if (previous) return this.#usage.restore(ownerId, id, countBytes(previous));
    this.#usage.release(ownerId, id);
    await this.#sessionFiles.remove(id);
  }

  async #readSessions(): Promise<void> {
    const sessions: Session[] = [];
    for (const id of await this.#sessionFiles.listIds()) {
      const batch = this.batches.index.findBySession(id);
      // The chunk files still belong to the batch.
      if (batch && !batch.isJoined) continue;
      const session = batch ? null : await this.#sessionFiles.read(id);
      if (session) sessions.push(session);
      if (batch) await this.#sessionFiles.remove(id);
    }
    for (const session of sessions.sort((a, b) => a.generation - b.generation)) this.sessions.set(session);
    // A stop between the writes of one change leaves a session that was replaced, or whose batch
    // exists.
    for (const { id, ownerId, key } of sessions) {
      const isNewest = key === null || this.sessions.findByKey(ownerId, key)?.id === id;
      if (!isNewest || this.batches.index.findByKey(ownerId, key)) await this.deleteSession(id);
    }
  }
}
