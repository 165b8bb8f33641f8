import { jwtVerify, SignJWT } from 'jose';

const ISSUER = 'parallel-chunk-uploader';
const ALGORITHM = 'HS256';

/** The user that a token names. */
export interface Caller {
  readonly userId: string;
  /** The sign-in that the token belongs to; null when it belongs to none of this server. */
  readonly familyId: string | null;
}

/** Verifies bearer tokens. */
export interface TokenVerifier {
  /**
   * @returns undefined when the token names no user.
   * @throws JOSEError when the token is not valid.
   */
  verify(token: string): Promise<Caller | undefined>;
}

/** Issues and verifies the server's own short-lived bearer tokens (JWT). */
export class AccessTokens implements TokenVerifier {
  readonly #secret: Uint8Array;
  readonly #ttlSeconds: number;

  constructor(secret: Uint8Array, ttlSeconds: number) {
    this.#secret = secret;
    this.#ttlSeconds = ttlSeconds;
  }

  /** When a token issued now expires, in seconds since 1970. */
  getExpiry(ttlSeconds = this.#ttlSeconds): number {
    return Math.floor(Date.now() / 1000) + ttlSeconds;
  }

  issue({ userId, familyId }: Caller, expiresAt = this.getExpiry()): Promise<string> {
    const claims = familyId === null ? {} : { family: familyId };
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM }).setSubject(userId);
    return jwt.setIssuer(ISSUER).setAudience(ISSUER).setIssuedAt().setExpirationTime(expiresAt).sign(this.#secret);
  }

  async verify(token: string): Promise<Caller | undefined> {
    const rules = { issuer: ISSUER, audience: ISSUER, algorithms: [ALGORITHM], requiredClaims: ['exp'] };
    const { payload } = await jwtVerify(token, this.#secret, rules);
    const { sub: userId, family } = payload;
    if (typeof userId !== 'string' || userId === '') return undefined;
    return { userId, familyId: typeof family === 'string' ? family : null };
  }
}
