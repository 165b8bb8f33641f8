import { type Batch, countBytes, type Session } from '../upload-store.ts';
import { OpenUsage } from './open-usage.ts';

/** The facts of all uploads in memory. The files are the truth. */
export class UploadIndex {
  readonly usage = new OpenUsage();
  readonly #sessions = new Map<string, Session>();
  readonly #sessionIdByKey = new Map<string, string>();
  readonly #batches = new Map<string, Batch>();
  readonly #batchIdByKey = new Map<string, string>();
  readonly #batchIdBySession = new Map<string, string>();
  readonly #batchIdsByOwner = new Map<string, Set<string>>();

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get batches(): readonly Batch[] {
    return [...this.#batches.values()];
  }

  findSession(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The session of a key; of several the one that was set last. */
  findSessionByKey(ownerId: string, key: string | null): Session | undefined {
    return key === null ? undefined : this.#sessions.get(this.#sessionIdByKey.get(toKey(ownerId, key)) ?? '');
  }

  setSession(session: Session): void {
    const { id, ownerId, key } = session;
    this.#sessions.set(id, session);
    this.usage.restore(ownerId, id, countBytes(session));
    if (key !== null) this.#sessionIdByKey.set(toKey(ownerId, key), id);
  }

  deleteSession(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    const { ownerId, key } = session;
    this.#sessions.delete(id);
    this.usage.release(ownerId, id);
    if (key !== null && this.#sessionIdByKey.get(toKey(ownerId, key)) === id) {
      this.#sessionIdByKey.delete(toKey(ownerId, key));
    }
  }

  findBatch(batchId: string): Batch | undefined {
    return this.#batches.get(batchId);
  }

  findBatchByKey(ownerId: string, key: string | null): Batch | undefined {
    return key === null ? undefined : this.#batches.get(this.#batchIdByKey.get(toKey(ownerId, key)) ?? '');
  }

  findBatchBySession(sessionId: string): Batch | undefined {
    return this.#batches.get(this.#batchIdBySession.get(sessionId) ?? '');
  }

  /** Newest first. */
  listBatches(ownerId: string): Batch[] {
    const ids = [...(this.#batchIdsByOwner.get(ownerId) ?? [])].reverse();
    const own = ids.flatMap((id) => this.#batches.get(id) ?? []);
    return own.sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Adds a batch, or replaces it under its id. */
  setBatch(batch: Batch): void {
    const { batchId, ownerId, key, sessionId } = batch;
    this.#batches.set(batchId, batch);
    if (key !== null) this.#batchIdByKey.set(toKey(ownerId, key), batchId);
    if (sessionId !== null) this.#batchIdBySession.set(sessionId, batchId);
    this.#batchIdsByOwner.set(ownerId, (this.#batchIdsByOwner.get(ownerId) ?? new Set()).add(batchId));
  }
}

function toKey(ownerId: string, key: string): string {
  return JSON.stringify([ownerId, key]);
}
