import * as v from 'valibot';
import type { Credentials } from '../shared/db/settings.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import type { Upload } from '../shared/upload.ts';
import { signInTransition } from './queue/transitions.ts';

/** How long `isAccepted` waits for the server. */
const TIMEOUT_MS = 30_000;
const anyJson = v.record(v.string(), v.unknown());

/** The signed-in user as the database knows it, and the renewal of credentials. */
export class Account {
  readonly #db: UploadsDb;
  readonly #getCredentials: () => Promise<Credentials | null>;
  #userId: string | null = null;
  #lastUserId: string | null = null;

  /** @param getCredentials gets new credentials from the app; null if the app has none. */
  constructor(db: UploadsDb, getCredentials: () => Promise<Credentials | null>) {
    this.#db = db;
    this.#getCredentials = getCredentials;
  }

  /** The signed-in user's id, or null. */
  get userId(): string | null {
    return this.#userId;
  }

  /** The owner of added files: the signed-in user, or the last one. */
  get ownerId(): string | null {
    return this.#userId ?? this.#lastUserId;
  }

  /** Reads the signed-in user, whom another tab may have changed. */
  async load(): Promise<void> {
    const { settings } = this.#db;
    const [credentials, lastUserId] = await Promise.all([settings.getCredentials(), settings.getLastUserId()]);
    this.#userId = credentials?.userId ?? null;
    this.#lastUserId = lastUserId;
  }

  /**
   * Stores the credentials of a user, or removes them. Uploads that waited for this user's sign-in
   * become ready.
   *
   * @returns those uploads.
   */
  async setCredentials(credentials: Credentials | null): Promise<Upload[]> {
    await this.#db.settings.setCredentials(credentials);
    if (!credentials) return [];
    await this.#db.settings.setLastUserId(credentials.userId);
    return this.#db.updateAll(credentials.userId, ['waiting'], signInTransition);
  }

  /**
   * Whether the server accepts the stored access token.
   *
   * @throws UploadError `network` if it gives no clear answer.
   */
  async isAccepted(): Promise<boolean> {
    const { settings } = this.#db;
    const [endpoint, credentials] = await Promise.all([settings.getEndpoint(), settings.getCredentials()]);
    if (!endpoint || !credentials) return false;
    const headers = { Authorization: `Bearer ${credentials.accessToken}` };
    const request = { headers, redirect: 'error' as const, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const response = await fetch(`${endpoint.api}/batches?limit=1`, request).catch(() => null);
    const json = v.safeParse(anyJson, await response?.json().catch(() => null));
    // The page of a proxy says nothing about the user.
    if (json.success && response?.ok) return true;
    if (json.success && response?.status === 401) return false;
    throw new UploadError('network', 'The server could not be reached. Check the network and try again.');
  }

  /** Stores new credentials of the same user, if the app has some. */
  async renewCredentials(): Promise<void> {
    const before = await this.#db.settings.getCredentials();
    await navigator.locks.request('credentials-from-app', async () => {
      // The worker asks every tab. A faster tab has stored new credentials already.
      if ((await this.#db.settings.getCredentials())?.accessToken !== before?.accessToken) return;
      const credentials = await this.#getCredentials().catch(() => null);
      if (credentials && credentials.userId === this.#userId) await this.#db.settings.renewCredentials(credentials);
    });
  }
}
