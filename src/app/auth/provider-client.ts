import * as oauth from 'oauth4webapi';
import type { Credentials } from '../../page/index.ts';
import { BASE } from '../urls.ts';
import type { OpenIdConfig } from './auth-config.ts';
import { ProviderError } from './provider-error.ts';
import {
  readProviderSession,
  removeProviderResponse,
  storePendingSignIn,
  storeProviderSession,
  takePendingSignIn,
} from './provider-session.ts';

/** Claims of the ID token that name the user, the best one first. */
const NAMES = ['name', 'preferred_username', 'email'] as const;

/**
 * Signs users in at the identity provider with the authorization code flow and PKCE (RFC 9700,
 * 2.1). Loads the metadata of the provider once.
 */
export class ProviderClient {
  readonly #config: OpenIdConfig;
  readonly #client: oauth.Client;
  readonly #options: { [oauth.allowInsecureRequests]: boolean };
  #server: Promise<oauth.AuthorizationServer> | null = null;

  constructor(config: OpenIdConfig) {
    this.#config = config;
    this.#client = { client_id: config.client_id };
    // The server accepts issuers without TLS only on its own machine.
    this.#options = { [oauth.allowInsecureRequests]: new URL(config.issuer).protocol === 'http:' };
  }

  /**
   * Leaves the page for the provider, which sends the user back to it.
   *
   * @throws ProviderError `unreachable`.
   */
  async start(): Promise<void> {
    const { authorization_endpoint: endpoint } = await this.#discover();
    if (!endpoint) throw new ProviderError('refused', 'The provider has no authorization endpoint.');
    const pending = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      codeVerifier: oauth.generateRandomCodeVerifier(),
    };
    const { client_id, scope, resource } = this.#config;
    const url = new URL(endpoint);
    const parameters = {
      response_type: 'code',
      ...{ client_id, redirect_uri: getRedirectUri(), scope },
      ...{ state: pending.state, nonce: pending.nonce },
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      ...(resource !== undefined && { resource }),
      // OpenID Connect Core, 11: without it a provider may give no refresh token.
      ...(scope.split(' ').includes('offline_access') && { prompt: 'consent' }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    storePendingSignIn(pending);
    location.assign(url);
  }

  /**
   * Completes the sign-in with the response in the URL, and removes it from there.
   *
   * @throws ProviderError.
   */
  async finish(): Promise<Credentials> {
    const response = new URL(location.href);
    const pending = takePendingSignIn();
    removeProviderResponse();
    if (response.searchParams.get('state') !== pending?.state) {
      throw new ProviderError('interrupted', 'This tab has not started the sign-in.');
    }
    const server = await this.#discover();
    return this.#try(async () => {
      const parameters = oauth.validateAuthResponse(server, this.#client, response, pending.state);
      const token = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        oauth.None(),
        parameters,
        getRedirectUri(),
        pending.codeVerifier,
        { ...this.#options, additionalParameters: this.#resource },
      );
      const rules = { expectedNonce: pending.nonce, requireIdToken: true };
      return this.#store(await oauth.processAuthorizationCodeResponse(server, this.#client, token, rules));
    });
  }

  /**
   * Gets a new access token for the refresh token. Tabs do so one after another: a provider ends
   * the sign-in when a refresh token comes back that it has replaced.
   *
   * @returns null if the user has to sign in again.
   * @throws ProviderError `unreachable`.
   */
  renew(): Promise<Credentials | null> {
    return navigator.locks.request('identity-provider', async () => {
      const refreshToken = readProviderSession()?.refreshToken;
      if (!refreshToken) return null;
      const server = await this.#discover();
      try {
        return await this.#try(async () => {
          const options = { ...this.#options, additionalParameters: this.#resource };
          const request = oauth.refreshTokenGrantRequest(server, this.#client, oauth.None(), refreshToken, options);
          return this.#store(await oauth.processRefreshTokenResponse(server, this.#client, await request));
        });
      } catch (error) {
        if (!(error instanceof ProviderError) || error.code === 'unreachable') throw error;
        forgetRefreshToken();
        return null;
      }
    });
  }

  /**
   * Ends the sign-in: here, its refresh token, and at the provider, whose page the tab may leave
   * for.
   *
   * @returns the page of the provider that signs the user out; null if there is none.
   */
  async end(): Promise<URL | null> {
    const session = readProviderSession();
    storeProviderSession(null);
    // Offline the user must be able to leave too.
    const server = await this.#discover().catch(() => null);
    if (!session || !server) return null;
    if (session.refreshToken && server.revocation_endpoint) {
      const { refreshToken } = session;
      await oauth
        .revocationRequest(server, this.#client, oauth.None(), refreshToken, this.#options)
        .catch(() => undefined);
    }
    if (!server.end_session_endpoint) return null;
    const url = new URL(server.end_session_endpoint);
    if (session.idToken) url.searchParams.set('id_token_hint', session.idToken);
    url.searchParams.set('client_id', this.#config.client_id);
    url.searchParams.set('post_logout_redirect_uri', getRedirectUri());
    return url;
  }

  get #resource(): Record<string, string> {
    const { resource } = this.#config;
    return resource === undefined ? {} : { resource };
  }

  /** A failure is not remembered. */
  #discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(this.#config.issuer);
    this.#server ??= this.#try(async () =>
      oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, this.#options)),
    ).catch((error: unknown) => {
      this.#server = null;
      throw error;
    });
    return this.#server;
  }

  /** Remembers what a token response brings, and keeps what it leaves out. */
  #store(response: oauth.TokenEndpointResponse): Credentials {
    const before = readProviderSession();
    const claims = oauth.getValidatedIdTokenClaims(response);
    const userId = claims?.sub ?? before?.userId;
    if (userId === undefined) throw new ProviderError('refused', 'The provider has not named the user.');
    const same = before?.userId === userId ? before : null;
    const name = NAMES.map((claim) => claims?.[claim]).find((value) => typeof value === 'string' && value !== '');
    storeProviderSession({
      userId,
      name: typeof name === 'string' ? name : (same?.name ?? null),
      refreshToken: response.refresh_token ?? same?.refreshToken ?? null,
      expiresAt: response.expires_in === undefined ? null : Date.now() + response.expires_in * 1000,
      idToken: response.id_token ?? same?.idToken ?? '',
    });
    return { userId, accessToken: response.access_token };
  }

  async #try<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw toProviderError(error);
    }
  }
}

/** The app itself, whatever its path. */
function getRedirectUri(): string {
  return new URL(BASE, location.origin + location.pathname).href;
}

function forgetRefreshToken(): void {
  const session = readProviderSession();
  if (session) storeProviderSession({ ...session, refreshToken: null });
}

function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const { error: code, error_description: description } = error;
    if (code === 'access_denied') return new ProviderError('denied', 'The user did not allow the sign-in.', error);
    if (code === 'temporarily_unavailable' || code === 'server_error') return unreachable(error);
    return new ProviderError('refused', description ?? code, error);
  }
  // fetch reports a provider that cannot be reached, or does not allow this page, as a TypeError.
  if (error instanceof TypeError) return unreachable(error);
  const { code, message } = error as { code?: string; message?: string };
  const isBusy = code === oauth.RESPONSE_IS_NOT_CONFORM || code === oauth.RESPONSE_IS_NOT_JSON;
  return isBusy ? unreachable(error) : new ProviderError('refused', message ?? String(error), error);
}

function unreachable(cause: unknown): ProviderError {
  return new ProviderError('unreachable', 'The identity provider could not be reached.', cause);
}
