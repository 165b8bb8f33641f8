import type { JWTHeaderParameters, JWTPayload } from 'jose';

/** "application/at+jwt" may be written without its first part (RFC 9068, 2.1). */
const ACCESS_TOKEN = /^(application\/)?at\+jwt$/i;
const PLAIN = /^(application\/)?jwt$/i;
/** Claims of ID tokens (OpenID Connect Core, 2 and 3.3.2.11) and of logout tokens. */
const OTHER_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/**
 * Whether a JWT of an identity provider is an access token. An ID token tells an app who the user
 * is: an app that got one must not be able to upload with it.
 *
 * - `typ` of the header is `at+jwt`: an access token (RFC 9068).
 * - Any other `typ` than `JWT`, such as `logout+jwt` or `dpop+jwt`: none.
 * - Otherwise the claim `typ` of Keycloak decides, or `token_use` of Amazon Cognito.
 * - Without these the token must have no claim that belongs to ID tokens or logout tokens.
 */
export function isAccessToken({ typ }: JWTHeaderParameters, claims: JWTPayload): boolean {
  if (typ !== undefined && ACCESS_TOKEN.test(typ)) return true;
  if (typ !== undefined && !PLAIN.test(typ)) return false;
  if (claims.typ !== undefined) return claims.typ === 'Bearer';
  if (claims.token_use !== undefined) return claims.token_use === 'access';
  return !OTHER_CLAIMS.some((name) => Object.hasOwn(claims, name));
}
