import { countBytes, type Session } from '../upload-store.ts';
import { toKey } from './index-key.ts';
import type { UserUsage } from './user-usage.ts';

/** The unfinished uploads in memory. The files are the truth. */
export class SessionIndex {
  readonly #usage: UserUsage;
  readonly #sessions = new Map<string, Session>();
  readonly #idByKey = new Map<string, string>();

  /** @param usage counts the sessions. */
  constructor(usage: UserUsage) {
    this.#usage = usage;
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The session of a key; of several the one that was set last. */
  findByKey(ownerId: string, key: string | null): Session | undefined {
    return key === null ? undefined : this.#sessions.get(this.#idByKey.get(toKey(ownerId, key)) ?? '');
  }

  set(session: Session): void {
    const { id, ownerId, key } = session;
    this.#sessions.set(id, session);
    this.#usage.restore(ownerId, id, countBytes(session));
    if (key !== null) this.#idByKey.set(toKey(ownerId, key), id);
  }

  delete(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    const { ownerId, key } = session;
    this.#sessions.delete(id);
    this.#usage.release(ownerId, id);
    if (key !== null && this.#idByKey.get(toKey(ownerId, key)) === id) this.#idByKey.delete(toKey(ownerId, key));
  }
}
