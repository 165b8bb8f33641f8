import type { Credentials } from '../shared/db/settings.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { signInTransition } from './queue/transitions.ts';

/** Who is signed in, as the database knows it, and how the token is replaced. */
export class Account {
  readonly #db: UploadsDb;
  readonly #getCredentials: () => Promise<Credentials | null>;
  #userId: string | null = null;
  #lastUserId: string | null = null;

  /** @param ask gets a new token from the app; null when it has none. */
  constructor(db: UploadsDb, ask: () => Promise<Credentials | null>) {
    this.#db = db;
    this.#getCredentials = ask;
  }

  /** The signed-in user's id, or null. */
  get userId(): string | null {
    return this.#userId;
  }

  /** Whose queue it is that is added to: signed out, that of who signed in last. */
  get ownerId(): string | null {
    return this.#userId ?? this.#lastUserId;
  }

  /** Reads who is signed in: another tab may have changed it. */
  async load(): Promise<void> {
    const [token, last] = await Promise.all([this.#db.settings.getCredentials(), this.#db.settings.getLastUserId()]);
    this.#userId = token?.userId ?? null;
    this.#lastUserId = last;
  }

  /**
   * Signs a user in, whose uploads that waited for it become ready, or nobody.
   *
   * @returns the ids of those uploads.
   */
  async setCredentials(token: Credentials | null): Promise<string[]> {
    await this.#db.settings.setCredentials(token);
    if (!token) return [];
    await this.#db.settings.setLastUserId(token.userId);
    return this.#db.updateAll(token.userId, ['waiting'], signInTransition);
  }

  /** Stores a new token for the same user, where the app can give one. */
  async renewCredentials(): Promise<void> {
    const before = await this.#db.settings.getCredentials();
    await navigator.locks.request('token-from-app', async () => {
      // Every tab is asked at once: where another was faster, there is nothing left to ask for.
      if ((await this.#db.settings.getCredentials())?.accessToken !== before?.accessToken) return;
      const token = await this.#getCredentials().catch(() => null);
      if (token && token.userId === this.#userId) await this.#db.settings.renewCredentials(token);
    });
  }
}
