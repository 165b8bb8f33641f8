import { notFound } from '../errors.ts';
import type { Storage } from '../store/storage.ts';
import type { BatchIdentity } from '../store/upload-store.ts';
import { Idempotency } from './idempotency.ts';

const IDLE_MS = 24 * 60 * 60_000;

/** Removes unfinished uploads that are idle, batches that are old, and batches on request. */
export class CleanUp {
  readonly #uploads: Storage['uploads'];
  readonly #idempotency: Idempotency;
  readonly #retentionMs: number | null;

  /** @param retentionMs the age at which batches are deleted; null for never. */
  constructor(storage: Pick<Storage, 'uploads' | 'bytes' | 'locks'>, retentionMs: number | null) {
    this.#uploads = storage.uploads;
    this.#idempotency = new Idempotency(storage);
    this.#retentionMs = retentionMs;
  }

  /**
   * Removes sessions that were observed for a day without a new chunk, and batches that are too
   * old.
   *
   * @param now the time of the clock, in ms since 1970; to be called every hour.
   */
  async run(now: number): Promise<void> {
    const { time, idleSessions } = await this.#uploads.observe(now, IDLE_MS);
    for (const { id, ownerId, key, touchedAt } of idleSessions) {
      await this.#idempotency.runLocked({ ownerId, key, sessionId: id }, async () => {
        const session = await this.#uploads.findSession(id);
        if (session?.touchedAt === touchedAt) await this.#uploads.deleteSession(id);
      });
    }
    if (this.#retentionMs === null) return;
    for (const batch of await this.#uploads.listOldBatches(time - this.#retentionMs)) await this.#deleteBatch(batch);
  }

  /** @throws ApiError 404 `batch_not_found`. */
  async deleteBatch(ownerId: string, batchId: string): Promise<void> {
    const batch = await this.#uploads.findBatch(batchId);
    if (batch?.ownerId !== ownerId) throw batchNotFound();
    await this.#deleteBatch(batch);
  }

  /** Under the lock of the upload, whose requests otherwise answer with the batch meanwhile. */
  async #deleteBatch({ batchId, ...identity }: BatchIdentity): Promise<void> {
    await this.#idempotency.runLocked(identity, () => this.#uploads.deleteBatch(batchId));
  }
}

export function batchNotFound() {
  return notFound('batch_not_found', 'There is no such batch. List the batches.');
}
