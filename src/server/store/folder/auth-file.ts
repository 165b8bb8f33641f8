import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KeyedMutex } from '../keyed-mutex.ts';
import { NO_LOG } from '../store-log.ts';
import { getFamilyEnd, type TokenFamily } from '../token-family.ts';
import { readJson, writeJson } from './atomic-fs.ts';
import { AUTH_VERSION, type AuthState, parseAuthState } from './auth-format.ts';
import { DamagedFiles } from './damaged-files.ts';

const NAME = 'auth.json';
const ADVICE = 'Every user has to sign in again: create new sign-in links.';

/** Families by their id. */
export type Families = Readonly<Record<string, TokenFamily>>;

/** The outcome of a change; nothing is written without families. */
export interface FamiliesUpdate<T> {
  readonly families?: Families;
  readonly result: T;
}

/** The file that holds the signing secret and the families of refresh tokens. */
export class AuthFile {
  readonly #path: string;
  readonly #mutex = new KeyedMutex();
  #state: AuthState;

  private constructor(path: string, state: AuthState) {
    this.#path = path;
    this.#state = state;
  }

  /**
   * Reads the file. A damaged one is set aside, which signs every user out.
   *
   * @throws Error when the file cannot be read or set aside, or a newer server wrote it.
   */
  static async open(dataDir: string, damaged = new DamagedFiles(dataDir, NO_LOG)): Promise<AuthFile> {
    const path = join(dataDir, NAME);
    const content = await readJson(path).catch((error: unknown) => {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    });
    const stored = content === null ? null : parseAuthState(content, Date.now());
    if (content !== null && !stored) await damaged.setAside(NAME, 'its content is not valid', ADVICE);
    const file = new AuthFile(path, stored ?? createState());
    if ((content as { version?: unknown } | undefined | null)?.version !== AUTH_VERSION) await file.#write();
    return file;
  }

  get secret(): Uint8Array {
    return Buffer.from(this.#state.secret, 'base64url');
  }

  /** Until then tickets of earlier servers are valid, in ms since 1970. */
  get earlierTicketsUntil(): number {
    return this.#state.earlierTicketsUntil;
  }

  get families(): Families {
    return this.#state.families;
  }

  /**
   * Reads, changes and writes the families in one step: a sign-out must see the token of a refresh
   * beside it.
   */
  update<T>(change: (families: Families) => FamiliesUpdate<T>): Promise<T> {
    return this.#mutex.run('file', async () => {
      const { families, result } = change(this.#state.families);
      if (families) {
        this.#state = { ...this.#state, families };
        await this.#write();
      }
      return result;
    });
  }

  #write(): Promise<void> {
    return writeJson(this.#path, this.#state);
  }
}

/**
 * Reads the families that have not ended, of a server that may be running.
 *
 * @throws Error when the file is damaged, cannot be read, or a newer server wrote it.
 */
export async function readFamilies(dataDir: string): Promise<Families> {
  const path = join(dataDir, NAME);
  const now = Date.now();
  const content = await readJson(path);
  if (content === null) return {};
  const state = parseAuthState(content, now);
  if (!state) throw new Error(`${path} is damaged. Start the server, which sets it aside.`);
  return Object.fromEntries(Object.entries(state.families).filter(([, family]) => getFamilyEnd(family) > now));
}

function createState(): AuthState {
  const secret = randomBytes(32).toString('base64url');
  return { version: AUTH_VERSION, secret, families: {}, earlierTicketsUntil: 0 };
}
