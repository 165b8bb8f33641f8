import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { newId } from '../../ids.ts';
import { KeyedMutex } from '../keyed-mutex.ts';
import { readJson, writeJson } from './atomic-fs.ts';

/** One refresh token, without the token itself. */
export interface RefreshRecord {
  readonly userId: string;
  readonly expiresAt: number;
  /** The sign-in that this token descends from. */
  readonly family: string;
  /** The hash of the previous token. */
  readonly follows: string | null;
}

/** Refresh records by the hash of their token. */
export type RefreshRecords = Readonly<Record<string, RefreshRecord>>;

/** The outcome of a change; nothing is written without records. */
export interface RecordsUpdate<T> {
  readonly records?: RefreshRecords;
  readonly result: T;
}

/** The content of `auth.json`. */
interface AuthState {
  readonly secret: string;
  readonly refresh: RefreshRecords;
}

/** The file that holds the signing secret and the refresh records. */
export class AuthFile {
  readonly #path: string;
  readonly #mutex = new KeyedMutex();
  #state: AuthState;

  private constructor(path: string, state: AuthState) {
    this.#path = path;
    this.#state = state;
  }

  static async open(dataDir: string): Promise<AuthFile> {
    const path = join(dataDir, 'auth.json');
    const stored = (await readJson(path)) as AuthState | null;
    if (stored) return new AuthFile(path, { ...stored, refresh: addFamilies(stored.refresh) });
    const state = { secret: randomBytes(32).toString('base64url'), refresh: {} };
    await writeJson(path, state);
    return new AuthFile(path, state);
  }

  get secret(): Uint8Array {
    return Buffer.from(this.#state.secret, 'base64url');
  }

  /**
   * Reads, changes and writes the records in one step: a sign-out must see the token of a refresh
   * beside it.
   */
  update<T>(change: (records: RefreshRecords) => RecordsUpdate<T>): Promise<T> {
    return this.#mutex.run('file', async () => {
      const { records, result } = change(this.#state.refresh);
      if (records) {
        this.#state = { ...this.#state, refresh: records };
        await writeJson(this.#path, this.#state);
      }
      return result;
    });
  }
}

/**
 * Early versions stored no families: each record gets its own, or the first sign-out would end all
 * of them.
 */
function addFamilies(records: RefreshRecords): RefreshRecords {
  const complete = Object.entries(records).map(([hash, record]): [string, RefreshRecord] => [
    hash,
    { ...record, family: record.family ?? newId(), follows: record.follows ?? null },
  ]);
  return Object.fromEntries(complete);
}
