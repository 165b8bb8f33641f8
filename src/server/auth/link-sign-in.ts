import { ApiError } from '../errors.ts';
import { hashSecret } from '../ids.ts';
import type { IssuedToken, RefreshTokens } from '../store/refresh-tokens.ts';
import type { Redemption } from '../store/sign-in-links.ts';
import { badCode, type SignInLinks } from './sign-in-links.ts';

/** The browser that redeems a link. */
export interface RedeemingBrowser {
  readonly userAgent: string;
  /** The refresh tokens that it sends. */
  readonly tokens: readonly string[];
  /** A random name that it gives itself, and keeps until it is signed in; null for none. */
  readonly name: string | null;
  /** The user who is signed in; null for none. */
  readonly userId: string | null;
}

/** Signs browsers in with links. */
export class LinkSignIn {
  readonly #links: SignInLinks;
  readonly #refreshTokens: RefreshTokens;

  constructor(links: SignInLinks, refreshTokens: RefreshTokens) {
    this.#links = links;
    this.#refreshTokens = refreshTokens;
  }

  /**
   * Signs a browser in. It loses the sign-in that its refresh tokens belong to.
   *
   * @throws ApiError 401 `bad_code`; 409 `other_user`, which leaves the code as it was.
   */
  redeem(code: string, browser: RedeemingBrowser): Promise<IssuedToken> {
    return this.#links.use(code, async ({ userId, redemption }) => {
      // A page must ask before a link, which anyone can send, replaces its user.
      if (browser.userId !== null && browser.userId !== userId) throw otherUser(userId);
      if (redemption) return { redemption, result: await this.#repeat(redemption, browser) };
      // A browser that loses the new cookie must not return as the previous user.
      await this.#refreshTokens.revoke(browser.tokens);
      const result = await this.#refreshTokens.create(userId, browser.userAgent);
      const browserHash = browser.name === null ? null : hashSecret(browser.name);
      return { redemption: { at: Date.now(), familyId: result.familyId, browserHash }, result };
    });
  }

  /** The same browser has the cookie of the first use, or repeats its name. */
  async #repeat({ familyId, browserHash }: Redemption, browser: RedeemingBrowser): Promise<IssuedToken> {
    const rotation = await this.#refreshTokens.rotate(browser.tokens, familyId);
    if (rotation.kind === 'rotated') return rotation;
    const isSame = browser.name !== null && hashSecret(browser.name) === browserHash;
    // Not after the cookie came back: the browser has kept it, and the link is spent.
    const issued = isSame ? await this.#refreshTokens.repeat(familyId) : null;
    if (!issued) throw badCode();
    await this.#refreshTokens.revoke(browser.tokens);
    return issued;
  }
}

function otherUser(userId: string): ApiError {
  const message = 'This link signs in another user. Ask the signed-in user first.';
  return new ApiError(409, 'other_user', message, { user_id: userId });
}
