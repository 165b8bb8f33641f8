import { errors } from 'jose';
import { ApiError } from '../errors.ts';
import type { RefreshTokens } from '../store/refresh-tokens.ts';
import type { SignInLinkStore } from '../store/sign-in-links.ts';
import { AccessTokens, type Caller, type TokenVerifier } from './access-tokens.ts';
import { IdentityProvider, type ProviderOptions } from './identity-provider.ts';
import { LinkSignIn } from './link-sign-in.ts';
import { SignInLinks } from './sign-in-links.ts';
import { type TicketSession, UploadTickets } from './upload-tickets.ts';

/** The dependencies of authentication. */
export interface AuthOptions {
  readonly secret: Uint8Array;
  readonly refreshTokens: RefreshTokens;
  readonly signInLinks: SignInLinkStore;
  /** Until then tickets of earlier servers are valid, in ms since 1970. */
  readonly earlierTicketsUntil: number;
  readonly tokenTtlSeconds: number;
  /** Null: users sign in at this server. */
  readonly provider: ProviderOptions | null;
}

/** The part of a request that says whose it is. */
export interface AuthorizedRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

/** What the routes of uploads need. */
export type UploaderAuth = Pick<Auth, 'authenticate' | 'identify' | 'createTicket' | 'acceptsTicket'>;

/** Identifies the caller of a request. */
export class Auth {
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly links: SignInLinks;
  readonly linkSignIn: LinkSignIn;
  readonly tickets: UploadTickets;
  /** Null: users sign in at this server. */
  readonly provider: ProviderOptions | null;
  readonly #verifier: TokenVerifier;
  readonly #callers = new WeakMap<AuthorizedRequest, Promise<Caller>>();

  constructor(options: AuthOptions) {
    const { secret, refreshTokens, signInLinks, earlierTicketsUntil, tokenTtlSeconds, provider } = options;
    this.accessTokens = new AccessTokens(secret, tokenTtlSeconds);
    this.refreshTokens = refreshTokens;
    this.links = new SignInLinks(signInLinks);
    this.linkSignIn = new LinkSignIn(this.links, refreshTokens);
    this.tickets = new UploadTickets(secret, earlierTicketsUntil);
    this.provider = provider;
    this.#verifier = provider ? new IdentityProvider(provider) : this.accessTokens;
  }

  /**
   * @returns the user id.
   * @throws ApiError 401 `token_expired` or `unauthorized`; 503 `sign_in_unavailable`.
   */
  async authenticate(request: AuthorizedRequest): Promise<string> {
    return (await this.identify(request)).userId;
  }

  /**
   * Verifies the token of a request once: its limits need the caller, and its route again.
   *
   * @throws as `authenticate`.
   */
  identify(request: AuthorizedRequest): Promise<Caller> {
    const known = this.#callers.get(request);
    if (known) return known;
    const caller = this.#verify(parseBearerToken(request));
    this.#callers.set(request, caller);
    return caller;
  }

  /** The ticket of a session that the caller owns; undefined for callers who get none. */
  createTicket(sessionId: string, caller: Caller): string | undefined {
    return this.tickets.create(sessionId, caller);
  }

  /** Whether a ticket authorizes chunks of a session. */
  async acceptsTicket(session: TicketSession, ticket: string): Promise<boolean> {
    const facts = this.tickets.verify(session, ticket);
    return facts !== null && (await this.#isSignedIn(facts));
  }

  async #verify(token: string | undefined): Promise<Caller> {
    const caller = token === undefined ? undefined : await this.#verifier.verify(token).catch(rethrowAsApiError);
    if (caller && (await this.#isSignedIn(caller))) return caller;
    throw unauthorized();
  }

  async #isSignedIn({ familyId }: Pick<Caller, 'familyId'>): Promise<boolean> {
    return familyId === null || this.refreshTokens.isActive(familyId);
  }
}

/** The bearer token of a request. */
export function parseBearerToken({ headers }: AuthorizedRequest): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
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
