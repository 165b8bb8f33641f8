import { errors } from 'jose';
import { ApiError } from '../errors.ts';
import type { RefreshTokens } from '../store/refresh-tokens.ts';
import { AccessTokens, type TokenVerifier } from './access-tokens.ts';
import { IdentityProvider, type ProviderOptions } from './identity-provider.ts';
import { SignInCodes } from './sign-in-codes.ts';
import { UploadTickets } from './upload-tickets.ts';

/** The dependencies of authentication. */
export interface AuthOptions {
  readonly secret: Uint8Array;
  readonly refreshTokens: RefreshTokens;
  readonly tokenTtlSeconds: number;
  /** Null: users sign in at this server. */
  readonly provider: ProviderOptions | null;
}

/** Identifies the caller of a request. */
export class Auth {
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly codes = new SignInCodes();
  readonly tickets: UploadTickets;
  /** Whether users sign in at this server, and not at an identity provider. */
  readonly hasSignIn: boolean;
  readonly #verifier: TokenVerifier;

  constructor({ secret, refreshTokens, tokenTtlSeconds, provider }: AuthOptions) {
    this.accessTokens = new AccessTokens(secret, tokenTtlSeconds);
    this.refreshTokens = refreshTokens;
    this.tickets = new UploadTickets(secret);
    this.hasSignIn = provider === null;
    this.#verifier = provider ? new IdentityProvider(provider) : this.accessTokens;
  }

  /**
   * @param header the value of `Authorization`.
   * @returns the user id.
   * @throws ApiError 401 `token_expired` or `unauthorized`; 503 `sign_in_unavailable`.
   */
  async authenticate(header: string | undefined): Promise<string> {
    const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
    const userId = token === undefined ? undefined : await this.#verifier.verify(token).catch(rethrowAsApiError);
    if (userId) return userId;
    throw unauthorized();
  }
}

/** The caller is not signed in. */
export function unauthorized(): ApiError {
  return new ApiError(401, 'unauthorized', 'You are not signed in. Sign in first.');
}

function rethrowAsApiError(error: unknown): never {
  if (error instanceof ApiError) throw error;
  if (!(error instanceof errors.JWTExpired)) throw unauthorized();
  throw new ApiError(401, 'token_expired', 'Your sign-in has expired. Sign in again.');
}
