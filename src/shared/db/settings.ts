import type { IDBPDatabase } from 'idb';
import type { Endpoint } from '../endpoint.ts';
import type { ServerProfile } from '../server-profile.ts';
import { DEFAULTS, type Preferences, type WorkerState } from './preferences.ts';
import type { Schema } from './schema.ts';

/** The signed-in user and the bearer token of requests. */
export interface Credentials {
  readonly userId: string;
  readonly accessToken: string;
}

type Stored = Preferences & WorkerState;

/**
 * The settings store: credentials, endpoint, server profiles, preferences, and the worker's state.
 */
export class Settings {
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  async getCredentials(): Promise<Credentials | null> {
    return (await this.#read<Credentials>('credentials')) ?? null;
  }

  async setCredentials(credentials: Credentials | null): Promise<void> {
    if (credentials) await this.#write('credentials', credentials);
    else await this.#db.delete('settings', 'credentials');
  }

  /**
   * Stores newer credentials of the signed-in user. Returns false, and stores nothing, if that is
   * another user now.
   */
  async renewCredentials(credentials: Credentials): Promise<boolean> {
    const tx = this.#db.transaction('settings', 'readwrite');
    const before = (await tx.store.get('credentials')) as Credentials | undefined;
    const isSameUser = before?.userId === credentials.userId;
    await Promise.all([isSameUser && tx.store.put(credentials, 'credentials'), tx.done]);
    return isSameUser;
  }

  /**
   * The user who signed in last in this browser, who owns files that are added while signed out.
   */
  async getLastUserId(): Promise<string | null> {
    return (await this.#read<string>('lastUserId')) ?? null;
  }

  async setLastUserId(userId: string | null): Promise<void> {
    await this.#write('lastUserId', userId ?? undefined);
  }

  /** Removes the credentials, and forgets whose they were. */
  async forgetUser(): Promise<void> {
    const tx = this.#db.transaction('settings', 'readwrite');
    await Promise.all([tx.store.delete('credentials'), tx.store.delete('lastUserId'), tx.done]);
  }

  async getEndpoint(): Promise<Endpoint | null> {
    return (await this.#read<Endpoint>('endpoint')) ?? null;
  }

  async setEndpoint(endpoint: Endpoint): Promise<void> {
    await this.#write('endpoint', endpoint);
  }

  /** The profile of the server behind a base URL; an empty one for a server that never answered. */
  async getServerProfile(uploadsUrl: string): Promise<ServerProfile> {
    const profile = await this.#read<ServerProfile>(`serverProfile:${uploadsUrl}`);
    return profile ?? { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };
  }

  /** The profile of the configured server; null before a page has configured one. */
  async getCurrentProfile(): Promise<ServerProfile | null> {
    const endpoint = await this.getEndpoint();
    return endpoint && this.getServerProfile(endpoint.uploads);
  }

  async setServerProfile(uploadsUrl: string, profile: ServerProfile): Promise<void> {
    await this.#write(`serverProfile:${uploadsUrl}`, profile);
  }

  /** A preference or a part of the worker's state, or its default. */
  async get<K extends keyof Stored>(key: K): Promise<Stored[K]> {
    return (await this.#read<Stored[K]>(key)) ?? DEFAULTS[key];
  }

  async set<K extends keyof Stored>(key: K, value: Stored[K]): Promise<void> {
    await this.#write(key, value);
  }

  // The cast is safe because only this class writes the store.
  #read<T>(key: string): Promise<T | undefined> {
    return this.#db.get('settings', key) as Promise<T | undefined>;
  }

  async #write(key: string, value: unknown): Promise<void> {
    await this.#db.put('settings', value, key);
  }
}
