import { notFound } from './errors.ts';
import type { Session } from './session.ts';

/** The unfinished uploads in memory, and the ways to find one. */
export class OpenSessions {
  readonly #byId = new Map<string, Session>();

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

  /** What a user has unfinished beside one of them. */
  others(ownerId: string, but: Session | undefined): Session[] {
    return this.all.filter((session) => session.ownerId === ownerId && session !== but);
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
