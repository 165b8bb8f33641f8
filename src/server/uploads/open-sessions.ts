import { notFound } from '../errors.ts';
import { countBytes } from './quotas.ts';
import type { Session } from './session.ts';

/** The unfinished uploads in memory, and the ways to find one. */
export class OpenSessions {
  readonly #byId = new Map<string, Session>();
  /** What those will take of which a chunk is on its way to the disk; nobody finds a new one before its first is there. */
  readonly #growing = new Map<Session, number>();

  get all(): Session[] {
    return [...this.#byId.values()];
  }

  /** Whoever it belongs to. */
  find(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  /** @throws ApiError `session_not_found` also where it is somebody else's. */
  get(ownerId: string, id: string): Session {
    const session = this.#byId.get(id);
    if (session?.ownerId !== ownerId) throw notFound();
    return session;
  }

  /** The one of the highest generation that a key stands for. */
  newest(ownerId: string, key: string | null): Session | undefined {
    if (key === null) return undefined;
    const own = this.all.filter((session) => session.ownerId === ownerId && session.key === key);
    return own.sort((a, b) => b.generation - a.generation)[0];
  }

  /** The bytes that each of a user's unfinished uploads takes, but for one of them. */
  othersBytes(ownerId: string, but: Session): number[] {
    const all = [...new Set([...this.#byId.values(), ...this.#growing.keys()])];
    const others = all.filter((session) => session.ownerId === ownerId && session !== but);
    return others.map((session) => this.#growing.get(session) ?? countBytes(session.declared, session.chunks));
  }

  /** Counts a session as one of so many bytes while it is made to have them. */
  async grow(session: Session, grownBytes: number, work: () => Promise<void>): Promise<void> {
    this.#growing.set(session, grownBytes);
    try {
      await work();
    } finally {
      this.#growing.delete(session);
    }
  }

  has(session: Session): boolean {
    return this.#byId.has(session.id);
  }

  add(session: Session): void {
    this.#byId.set(session.id, session);
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }
}
