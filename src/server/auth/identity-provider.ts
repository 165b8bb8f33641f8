import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ApiError } from '../errors.ts';
import type { Caller, TokenVerifier } from './access-tokens.ts';

/** An identity provider whose tokens replace the server's own. */
export interface ProviderOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Asymmetric only: with a shared secret, whoever verifies tokens could also issue them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Verifies the tokens of an identity provider with the key set that it publishes. */
export class IdentityProvider implements TokenVerifier {
  readonly #options: ProviderOptions;
  readonly #keys: JWTVerifyGetKey;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl));
  }

  /** @throws ApiError 503 `sign_in_unavailable` when the key set cannot be fetched. */
  async verify(token: string): Promise<Caller | undefined> {
    const { issuer, audience } = this.#options;
    const rules = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'] };
    try {
      const { payload } = await jwtVerify(token, this.#keys, rules);
      const { sub: userId } = payload;
      return typeof userId === 'string' && userId !== '' ? { userId, familyId: null } : undefined;
    } catch (error) {
      // The token may be valid: a 401 would make the user sign in again for nothing.
      if (!isKeySetFailure(error)) throw error;
      throw new ApiError(503, 'sign_in_unavailable', 'The identity provider is not reachable. Try again later.');
    }
  }
}

function isKeySetFailure(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JOSE_GENERIC';
}
