import { type OpenLimits, QuotaError } from '../upload-store.ts';

/** The bytes of one user in unfinished uploads. */
interface Usage {
  readonly bytesBySession: Map<string, number>;
  totalBytes: number;
}

/** Counts the unfinished uploads of each user and their bytes. */
export class OpenUsage {
  readonly #byOwner = new Map<string, Usage>();

  /**
   * Counts a session as this many bytes. A session that it replaces is left out of the check.
   *
   * @throws QuotaError when the session is new or larger than before and exceeds a limit.
   */
  reserve(ownerId: string, sessionId: string, bytes: number, limits: OpenLimits, replacedId?: string): void {
    const usage = this.#byOwner.get(ownerId) ?? { bytesBySession: new Map(), totalBytes: 0 };
    const { bytesBySession, totalBytes } = usage;
    const own = bytesBySession.get(sessionId);
    const replaced = replacedId === undefined ? undefined : bytesBySession.get(replacedId);
    const otherSessions = bytesBySession.size - (own === undefined ? 0 : 1) - (replaced === undefined ? 0 : 1);
    const otherBytes = totalBytes - (own ?? 0) - (replaced ?? 0);
    if (own === undefined && otherSessions >= limits.maxSessions) throw new QuotaError('sessions');
    if (bytes > (own ?? 0) && otherBytes + bytes > limits.maxBytes) throw new QuotaError('bytes');
    this.#byOwner.set(ownerId, usage);
    this.#set(usage, sessionId, bytes);
  }

  /** Counts a session that is already stored, whatever the limits. */
  restore(ownerId: string, sessionId: string, bytes: number): void {
    this.reserve(ownerId, sessionId, bytes, { maxSessions: Infinity, maxBytes: Infinity });
  }

  release(ownerId: string, sessionId: string): void {
    const usage = this.#byOwner.get(ownerId);
    if (!usage) return;
    this.#set(usage, sessionId, 0);
    usage.bytesBySession.delete(sessionId);
    if (usage.bytesBySession.size === 0) this.#byOwner.delete(ownerId);
  }

  #set(usage: Usage, sessionId: string, bytes: number): void {
    usage.totalBytes += bytes - (usage.bytesBySession.get(sessionId) ?? 0);
    usage.bytesBySession.set(sessionId, bytes);
  }
}
