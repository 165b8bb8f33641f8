import type { Token } from '../shared/settings.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import { signedInStep } from './steps.ts';

/** Who is signed in, as the database knows it, and how the token is replaced. */
export class Account {
  readonly #db: UploadsDb;
  readonly #ask: () => Promise<Token | null>;
  #user: string | null = null;
  #last: string | null = null;

  /** @param ask gets a new token from the app; null when it has none. */
  constructor(db: UploadsDb, ask: () => Promise<Token | null>) {
    this.#db = db;
    this.#ask = ask;
  }

  /** The signed-in user's id, or null. */
  get user(): string | null {
    return this.#user;
  }

  /** Whose queue it is that is added to: signed out, that of who signed in last. */
  get owner(): string | null {
    return this.#user ?? this.#last;
  }

  /** Reads who is signed in: another tab may have changed it. */
  async load(): Promise<void> {
    const [token, last] = await Promise.all([this.#db.settings.token(), this.#db.settings.lastUser()]);
    this.#user = token?.userId ?? null;
    this.#last = last;
  }

  /**
   * Signs a user in, whose uploads that waited for it become ready, or nobody.
   *
   * @returns the ids of those uploads.
   */
  async set(token: Token | null): Promise<string[]> {
    await this.#db.settings.setToken(token);
    if (!token) return [];
    await this.#db.settings.setLastUser(token.userId);
    return this.#db.changeAll(token.userId, ['waiting'], signedInStep);
  }

  /** Stores a new token for the same user, where the app can give one. */
  async renew(): Promise<void> {
    const before = await this.#db.settings.token();
    await navigator.locks.request('token-from-app', async () => {
      // Every tab is asked at once: where another was faster, there is nothing left to ask for.
      if ((await this.#db.settings.token())?.token !== before?.token) return;
      const token = await this.#ask().catch(() => null);
      if (token && token.userId === this.#user) await this.#db.settings.renewToken(token);
    });
  }
}
