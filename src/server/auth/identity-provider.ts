import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { ApiError } from '../errors.ts';
import { isAccessToken } from './access-token-rule.ts';
import type { Caller, TokenVerifier } from './access-tokens.ts';

/** An identity provider whose tokens replace the server's own. */
export interface ProviderOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** How the app signs users in at the provider; null when it cannot. */
  readonly client: ProviderClient | null;
}

/** The app as a public client of the provider (OpenID Connect). */
export interface ProviderClient {
  readonly id: string;
  /** The scopes that the app requests, with spaces between them. */
  readonly scope: string;
  /** The URL of the API as the provider knows it (RFC 8707); null for its default. */
  readonly resource: string | null;
}

/** Asymmetric only: with a shared secret, whoever verifies tokens could also issue them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const MAX_USER_ID_LENGTH = 255;

/**
 * Unknown keys fetch the key set so many times within this time. Tokens of strangers name any key,
 * and must not make this server flood the provider.
 */
const MAX_FETCHES = 10;
const FETCHES_MS = 30_000;
/** So long a key shares its fetch: many chunks with a new key arrive at once. */
const SHARED_MS = 1000;

/** A fetch of the key set for an unknown key. */
interface KeyFetch {
  readonly keyId: string | undefined;
  /** In ms since 1970. */
  readonly at: number;
  readonly done: Promise<void>;
}

/** Verifies the access tokens of an identity provider with the key set that it publishes. */
export class IdentityProvider implements TokenVerifier {
  readonly #options: ProviderOptions;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #fetches: KeyFetch[] = [];

  /** @throws Error when a URL is neither https nor on this machine. */
  constructor(options: ProviderOptions) {
    for (const [name, value] of Object.entries({ jwksUrl: options.jwksUrl, issuer: options.issuer })) {
      if (!isProtectedUrl(value)) throw new Error(`${name} ${URL_RULE}, and is “${value}”.`);
    }
    this.#options = options;
    // jose would not fetch the key set for 30 s after it did: a new key must work at once.
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), { cooldownDuration: Number.POSITIVE_INFINITY });
  }

  /** @throws ApiError 503 `sign_in_unavailable` when the key set cannot be fetched. */
  async verify(token: string): Promise<Caller | undefined> {
    try {
      return toCaller(await this.#verifyWithNewKeys(token));
    } catch (error) {
      // The token may be valid: a 401 would make the user sign in again for nothing.
      if (!isKeySetFailure(error)) throw error;
      throw unavailable();
    }
  }

  /** Fetches the key set again for a key that it does not contain. */
  async #verifyWithNewKeys(token: string): Promise<JWTVerifyResult<JWTPayload>> {
    try {
      return await this.#verify(token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#fetchKeys(decodeProtectedHeader(token).kid);
      return this.#verify(token);
    }
  }

  #verify(token: string): Promise<JWTVerifyResult<JWTPayload>> {
    const { issuer, audience } = this.#options;
    return jwtVerify(token, this.#keys, { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'] });
  }

  /** @throws ApiError 503 when there were too many fetches. */
  #fetchKeys(keyId: string | undefined): Promise<void> {
    const now = Date.now();
    this.#fetches = this.#fetches.filter(({ at }) => at > now - FETCHES_MS);
    const recent = this.#fetches.find((fetch) => fetch.keyId === keyId && fetch.at > now - SHARED_MS);
    if (recent) return recent.done;
    if (this.#fetches.length >= MAX_FETCHES) throw unavailable();
    const done = this.#keys.reload();
    this.#fetches.push({ keyId, at: now, done });
    return done;
  }
}

/** What the URLs of a provider must be: keys that arrive unprotected can be replaced. */
export const URL_RULE = 'must be an https URL, or http on this machine';

/** Whether a text follows `URL_RULE`. */
export function isProtectedUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLoopback = url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url?.protocol === 'https:' || isLoopback;
}

function toCaller({ payload, protectedHeader }: JWTVerifyResult<JWTPayload>): Caller | undefined {
  const { sub: userId } = payload;
  if (!isAccessToken(protectedHeader, payload)) return undefined;
  // A claim of a JWT can have any JSON type, whatever the type of jose says.
  const isValid = typeof userId === 'string' && userId !== '' && userId.length <= MAX_USER_ID_LENGTH;
  return isValid ? { userId, familyId: null } : undefined;
}

function unavailable(): ApiError {
  const message = 'The identity provider is not reachable. Try again later.';
  return new ApiError(503, 'sign_in_unavailable', message, {}, { retryAfterSeconds: 5 });
}

function isKeySetFailure(error: unknown): boolean {
  if (error instanceof ApiError) return false;
  if (!(error instanceof errors.JOSEError)) return true;
  return ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID'].includes(error.code);
}
