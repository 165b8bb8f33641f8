import type { Batch, BatchPosition, NewBatch, UserLimits } from '../upload-store.ts';
import type { BatchFiles } from './batch-files.ts';
import { type BatchEntry, BatchIndex, countBatchBytes, toBatchEntry } from './batch-index.ts';
import type { ObservedClock } from './observed-clock.ts';
import type { UserUsage } from './user-usage.ts';

/** So many manifests of a list are in memory at once. */
const READS_AT_ONCE = 8;

/** The dependencies of the batches. */
export interface FolderBatchesDependencies {
  readonly files: BatchFiles;
  /** Counts the batches. */
  readonly usage: UserUsage;
  readonly clock: ObservedClock;
}

/** The batches of a folder: found by the index in memory, read from their manifests. */
export class FolderBatches {
  readonly index = new BatchIndex();
  readonly #files: BatchFiles;
  readonly #usage: UserUsage;
  readonly #clock: ObservedClock;

  constructor({ files, usage, clock }: FolderBatchesDependencies) {
    this.#files = files;
    this.#usage = usage;
    this.#clock = clock;
  }

  /** Reads the facts of all batches. */
  async load(): Promise<void> {
    await this.#files.readAll((batch) => this.#add(toBatchEntry(batch)));
  }

  async read(entry: BatchEntry | undefined): Promise<Batch | undefined> {
    const batch = entry && (await this.#files.read(entry.batchId));
    // Set aside because it is damaged, or deleted meanwhile.
    if (entry && !batch) this.#forget(entry.batchId);
    return batch ?? undefined;
  }

  /** The batches of a user before a position, newest first. */
  async *list(ownerId: string, before?: BatchPosition): AsyncGenerator<Batch> {
    for (const entries of toGroups(this.index.list(ownerId, before), READS_AT_ONCE)) {
      for (const batch of await Promise.all(entries.map((entry) => this.read(entry)))) if (batch) yield batch;
    }
  }

  /**
   * Stores a batch.
   *
   * @param replacedId a session that the batch replaces.
   * @throws QuotaError when a batch without a session exceeds the limit.
   */
  async create(batch: NewBatch, limits: UserLimits, replacedId: string | undefined): Promise<Batch> {
    const { ownerId, sessionId } = batch;
    // The bytes of a session are counted already.
    const added = sessionId === null ? countBatchBytes(batch) : 0;
    // Counted before the disk writes: other uploads of this user may arrive meanwhile.
    this.#usage.addBatch(ownerId, added, sessionId === null ? limits : undefined, replacedId);
    try {
      const createdAt = this.index.nextTime(ownerId, this.#clock.correct(Date.now()));
      const created = await this.#files.create(batch, createdAt);
      this.#add(toBatchEntry(created));
      return created;
    } finally {
      this.#usage.removeBatch(ownerId, added);
    }
  }

  /** @returns the facts of the batch that was deleted. */
  async delete(batchId: string): Promise<BatchEntry | undefined> {
    const entry = this.index.find(batchId);
    if (!entry) return undefined;
    await this.#files.remove(batchId);
    this.#forget(batchId);
    return entry;
  }

  #add(entry: BatchEntry): void {
    this.index.add(entry);
    this.#usage.addBatch(entry.ownerId, entry.sizeBytes);
  }

  #forget(batchId: string): void {
    const entry = this.index.find(batchId);
    if (!entry) return;
    this.index.delete(entry);
    this.#usage.removeBatch(entry.ownerId, entry.sizeBytes);
  }
}

function* toGroups<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  yield group;
}
