import { QuotaError, type UserLimits } from '../upload-store.ts';

/** The bytes of one user. */
interface Usage {
  readonly bytesBySession: Map<string, number>;
  /** In unfinished uploads. */
  openBytes: number;
  /** In batches. */
  batchBytes: number;
}

const UNLIMITED: UserLimits = { maxSessions: Infinity, maxBytes: Infinity, maxUserBytes: Infinity };

/** Counts the unfinished uploads of each user, and the bytes in them and in batches. */
export class UserUsage {
  readonly #byOwner = new Map<string, Usage>();

  /** All bytes of a user. */
  get(ownerId: string): number {
    const { openBytes, batchBytes } = this.#get(ownerId);
    return openBytes + batchBytes;
  }

  /**
   * Counts a session as this many bytes. A session that it replaces is left out of the check.
   *
   * @throws QuotaError when the session is new or larger than before and exceeds a limit.
   */
  reserve(ownerId: string, sessionId: string, bytes: number, limits: UserLimits, replacedId?: string): void {
    const usage = this.#get(ownerId);
    const { bytesBySession, openBytes, batchBytes } = usage;
    const own = bytesBySession.get(sessionId);
    const replaced = replacedId === undefined ? undefined : bytesBySession.get(replacedId);
    const otherSessions = bytesBySession.size - (own === undefined ? 0 : 1) - (replaced === undefined ? 0 : 1);
    const otherBytes = openBytes - (own ?? 0) - (replaced ?? 0);
    if (own === undefined && otherSessions >= limits.maxSessions) throw new QuotaError('sessions');
    if (bytes > (own ?? 0)) {
      if (otherBytes + bytes > limits.maxBytes) throw new QuotaError('bytes');
      if (batchBytes + otherBytes + bytes > limits.maxUserBytes) throw new QuotaError('stored');
    }
    usage.openBytes += bytes - (own ?? 0);
    bytesBySession.set(sessionId, bytes);
    this.#byOwner.set(ownerId, usage);
  }

  /** Counts a session that is already stored, whatever the limits. */
  restore(ownerId: string, sessionId: string, bytes: number): void {
    this.reserve(ownerId, sessionId, bytes, UNLIMITED);
  }

  release(ownerId: string, sessionId: string): void {
    const usage = this.#get(ownerId);
    usage.openBytes -= usage.bytesBySession.get(sessionId) ?? 0;
    usage.bytesBySession.delete(sessionId);
    this.#forgetEmpty(ownerId, usage);
  }

  /**
   * Counts a batch.
   *
   * @param replacedId a session that the batch replaces, which is left out of the check.
   * @throws QuotaError when it exceeds the limit.
   */
  addBatch(ownerId: string, bytes: number, { maxUserBytes } = UNLIMITED, replacedId?: string): void {
    const usage = this.#get(ownerId);
    const replaced = (replacedId !== undefined && usage.bytesBySession.get(replacedId)) || 0;
    if (usage.openBytes + usage.batchBytes - replaced + bytes > maxUserBytes) throw new QuotaError('stored');
    usage.batchBytes += bytes;
    this.#byOwner.set(ownerId, usage);
  }

  removeBatch(ownerId: string, bytes: number): void {
    const usage = this.#get(ownerId);
    usage.batchBytes -= bytes;
    this.#forgetEmpty(ownerId, usage);
  }

  #get(ownerId: string): Usage {
    return this.#byOwner.get(ownerId) ?? { bytesBySession: new Map(), openBytes: 0, batchBytes: 0 };
  }

  #forgetEmpty(ownerId: string, { bytesBySession, batchBytes }: Usage): void {
    if (bytesBySession.size === 0 && batchBytes === 0) this.#byOwner.delete(ownerId);
  }
}
