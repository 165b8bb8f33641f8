import { ApiError } from '../errors.ts';
import { hashSecret, newId } from '../ids.ts';
import { KeyedMutex } from '../store/keyed-mutex.ts';
import type { Redemption, SignInLink, SignInLinkStore } from '../store/sign-in-links.ts';

const MINUTE_MS = 60_000;
const LIFETIME_MS = 15 * MINUTE_MS;
/** How long the browser that used a link may use it again. */
const REUSE_MS = 10 * MINUTE_MS;
/** A further link of a user replaces the oldest one. */
const MAX_LINKS = 20;
const MAX_USER_ID_LENGTH = 200;

/** A link whose code is known only here. */
export interface CreatedLink {
  readonly code: string;
  /** In ms since 1970. */
  readonly expiresAt: number;
  /** Resolves when the link is durable. It can be redeemed at once. */
  readonly saved: Promise<void>;
}

/**
 * Links that sign a browser in. A link lives 15 minutes. The browser that used it may use it again
 * for 10 minutes: the response, or the cookie that it brought, may have been lost.
 */
export class SignInLinks {
  readonly #store: SignInLinkStore;
  readonly #locks = new KeyedMutex();
  readonly #saving = new Set<Promise<void>>();

  constructor(store: SignInLinkStore) {
    this.#store = store;
  }

  /** @throws Error when no user can have this id. */
  create(userId: string): CreatedLink {
    checkUserId(userId);
    const code = newId();
    const hash = hashSecret(code);
    const createdAt = Date.now();
    const link = { userId, createdAt, expiresAt: createdAt + LIFETIME_MS, redemption: null };
    const saved = this.#locks.run(hash, () => this.#store.save(hash, link)).then(() => this.#removeOld(userId));
    const settled = saved.catch(() => undefined).finally(() => this.#saving.delete(settled));
    this.#saving.add(settled);
    return { code, expiresAt: link.expiresAt, saved };
  }

  /** Resolves when no link is being saved. */
  async whenSaved(): Promise<void> {
    await Promise.all(this.#saving);
  }

  /**
   * Uses a link that can still be redeemed.
   *
   * @param work signs the browser in; the redemption that it returns is stored.
   * @throws ApiError 401 `bad_code`.
   */
  use<T>(code: string, work: (link: SignInLink) => Promise<{ redemption: Redemption; result: T }>): Promise<T> {
    const hash = hashSecret(code);
    return this.#locks.run(hash, async () => {
      const link = await this.#store.find(hash);
      if (!link || isOver(link)) throw badCode();
      const { redemption, result } = await work(link);
      if (redemption !== link.redemption) await this.#store.save(hash, { ...link, redemption });
      return result;
    });
  }

  /** Removes the links that are over, and the oldest ones beyond the limit. */
  async #removeOld(userId: string): Promise<void> {
    const links = [...(await this.#store.list())];
    const own = links.filter(([, link]) => link.userId === userId).sort(([, a], [, b]) => b.createdAt - a.createdAt);
    const surplus = new Set(own.slice(MAX_LINKS).map(([hash]) => hash));
    for (const [hash, link] of links) {
      if (surplus.has(hash) || isOver(link)) await this.#locks.run(hash, () => this.#store.remove(hash));
    }
  }
}

/** The URL that signs a browser in. @param base the URL of the app. */
export function toSignInUrl(base: string | URL, code: string): string {
  const url = new URL(base);
  // The app is a folder: its files are relative to the URL.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.hash = `code=${code}`;
  return url.href;
}

/** Whether a link can sign in no browser any more. */
export function isOver({ expiresAt, redemption }: SignInLink): boolean {
  return Date.now() > (redemption ? redemption.at + REUSE_MS : expiresAt);
}

function checkUserId(userId: string): void {
  if (userId.length <= MAX_USER_ID_LENGTH && userId.trim() === userId && /^[^\p{C}]+$/u.test(userId)) return;
  throw new Error(
    `A user id has 1 to ${MAX_USER_ID_LENGTH} characters, none of them a control character, and no space around it.`,
  );
}

/** A link cannot be redeemed. */
export function badCode(): ApiError {
  return new ApiError(401, 'bad_code', 'This sign-in link has been used or is not valid. Ask for a new one.');
}
