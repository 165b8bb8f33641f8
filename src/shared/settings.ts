import type { IDBPDatabase } from 'idb';
import type { Endpoint, Learned } from './endpoint.ts';
import { type Notes, UNNOTED } from './notes.ts';
import type { Schema } from './schema.ts';

/** Who is signed in, and the bearer token that says so. */
export interface Token {
  readonly userId: string;
  readonly token: string;
}

/** What is kept beside the uploads: who is signed in, where to send, what its server can, and what is noted. */
export class Settings {
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  async token(): Promise<Token | null> {
    return (await this.#read<Token>('token')) ?? null;
  }

  async setToken(token: Token | null): Promise<void> {
    if (token) await this.#write('token', token);
    else await this.#db.delete('settings', 'token');
  }

  /** Stores a newer token of who is signed in; false when that is somebody else by now, or nobody. */
  async renewToken(token: Token): Promise<boolean> {
    const tx = this.#db.transaction('settings', 'readwrite');
    const before = (await tx.store.get('token')) as Token | undefined;
    const isStill = before?.userId === token.userId;
    await Promise.all([isStill && tx.store.put(token, 'token'), tx.done]);
    return isStill;
  }

  /** Who signed in last in this browser, so that files without a signed-in user have an owner; no token is kept for it. */
  async lastUser(): Promise<string | null> {
    return (await this.#read<string>('last user')) ?? null;
  }

  async setLastUser(userId: string | null): Promise<void> {
    await this.#write('last user', userId ?? undefined);
  }

  async endpoint(): Promise<Endpoint | null> {
    return (await this.#read<Endpoint>('endpoint')) ?? null;
  }

  async setEndpoint(endpoint: Endpoint): Promise<void> {
    await this.#write('endpoint', endpoint);
  }

  /** What is known of the server behind a base URL. */
  async learned(uploadsUrl: string): Promise<Learned> {
    const learned = await this.#read<Learned>(`learned ${uploadsUrl}`);
    return learned ?? { features: null, strict: false, rateBytesPerSecond: null };
  }

  async setLearned(uploadsUrl: string, learned: Learned): Promise<void> {
    await this.#write(`learned ${uploadsUrl}`, learned);
  }

  async noted<K extends keyof Notes>(key: K): Promise<Notes[K]> {
    return (await this.#read<Notes[K]>(key)) ?? UNNOTED[key];
  }

  async note<K extends keyof Notes>(key: K, value: Notes[K]): Promise<void> {
    await this.#write(key, value);
  }

  // Only what is written below is read: the store is this class's alone.
  #read<T>(key: string): Promise<T | undefined> {
    return this.#db.get('settings', key) as Promise<T | undefined>;
  }

  async #write(key: string, value: unknown): Promise<void> {
    await this.#db.put('settings', value, key);
  }
}
