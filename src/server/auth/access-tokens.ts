import { jwtVerify, SignJWT } from 'jose';

const ISSUER = 'parallel-chunk-uploader';
const ALGORITHM = 'HS256';

/** Verifies bearer tokens. */
export interface TokenVerifier {
  /**
   * @returns the user id, or undefined when the token names no user.
   * @throws JOSEError when the token is not valid.
   */
  verify(token: string): Promise<string | undefined>;
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

  issue(userId: string, expiresAt = this.getExpiry()): Promise<string> {
    const jwt = new SignJWT({}).setProtectedHeader({ alg: ALGORITHM }).setSubject(userId);
    return jwt.setIssuer(ISSUER).setAudience(ISSUER).setIssuedAt().setExpirationTime(expiresAt).sign(this.#secret);
  }

  async verify(token: string): Promise<string | undefined> {
    const rules = { issuer: ISSUER, audience: ISSUER, algorithms: [ALGORITHM], requiredClaims: ['exp'] };
    const { payload } = await jwtVerify(token, this.#secret, rules);
    return payload.sub;
  }
}
