import type { IDBPDatabase } from 'idb';
import type { Endpoint, ServerProfile } from '../endpoint.ts';
import { DEFAULTS, type Preferences } from './preferences.ts';
import type { Schema } from './schema.ts';

/** Who is signed in, and the bearer token that says so. */
export interface Credentials {
  readonly userId: string;
  readonly accessToken: string;
}

/** What is kept beside the uploads: who is signed in, where to send, what its server can, and what is noted. */
export class Settings {
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  async getCredentials(): Promise<Credentials | null> {
    return (await this.#read<Credentials>('credentials')) ?? null;
  }

  async setCredentials(token: Credentials | null): Promise<void> {
    if (token) await this.#write('credentials', token);
    else await this.#db.delete('settings', 'credentials');
  }

  /** Stores a newer token of who is signed in; false when that is somebody else by now, or nobody. */
  async renewCredentials(token: Credentials): Promise<boolean> {
    const tx = this.#db.transaction('settings', 'readwrite');
    const before = (await tx.store.get('credentials')) as Credentials | undefined;
    const isStill = before?.userId === token.userId;
    await Promise.all([isStill && tx.store.put(token, 'credentials'), tx.done]);
    return isStill;
  }

  /** Who signed in last in this browser, so that files without a signed-in user have an owner; no token is kept for it. */
  async getLastUserId(): Promise<string | null> {
    return (await this.#read<string>('lastUserId')) ?? null;
  }

  async setLastUserId(userId: string | null): Promise<void> {
    await this.#write('lastUserId', userId ?? undefined);
  }

  async getEndpoint(): Promise<Endpoint | null> {
    return (await this.#read<Endpoint>('endpoint')) ?? null;
  }

  async setEndpoint(endpoint: Endpoint): Promise<void> {
    await this.#write('endpoint', endpoint);
  }

  /** What is known of the server behind a base URL. */
  async getServerProfile(uploadsUrl: string): Promise<ServerProfile> {
    const learned = await this.#read<ServerProfile>(`serverProfile ${uploadsUrl}`);
    return learned ?? { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };
  }

  async setServerProfile(uploadsUrl: string, learned: ServerProfile): Promise<void> {
    await this.#write(`serverProfile ${uploadsUrl}`, learned);
  }

  async get<K extends keyof Preferences>(key: K): Promise<Preferences[K]> {
    return (await this.#read<Preferences[K]>(key)) ?? DEFAULTS[key];
  }

  async set<K extends keyof Preferences>(key: K, value: Preferences[K]): Promise<void> {
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
