import type { Credentials } from '../../page/index.ts';
import { refreshCredentials } from './auth-api.ts';
import { type OpenIdConfig, readAuthConfig } from './auth-config.ts';
import type { ProviderClient } from './provider-client.ts';
import { ProviderError } from './provider-error.ts';
import { hasProviderResponse, readProviderSession } from './provider-session.ts';

let client: ProviderClient | null = null;

/** Loads the client of the identity provider, which few pages need. */
export async function loadProviderClient(config: OpenIdConfig): Promise<ProviderClient> {
  const { ProviderClient } = await import('./provider-client.ts');
  client ??= new ProviderClient(config);
  return client;
}

/**
 * Gets new credentials for the signed-in user.
 *
 * @returns null if they have to sign in.
 * @throws UploadError `network`; ProviderError `unreachable`.
 */
export async function renewCredentials(): Promise<Credentials | null> {
  const config = await readAuthConfig();
  if (config.sign_in === 'openid') return (await loadProviderClient(config)).renew();
  return config.sign_in === 'link' ? refreshCredentials() : null;
}

/**
 * Signs in with the response of the provider in the URL, or with the refresh token.
 *
 * @returns undefined if the user stays who they are.
 * @throws ProviderError.
 */
export async function restoreAtProvider(
  config: OpenIdConfig,
  userId: string | null,
): Promise<Credentials | null | undefined> {
  if (hasProviderResponse()) return (await loadProviderClient(config)).finish();
  if (userId === null) return readProviderSession()?.refreshToken ? renewCredentials() : undefined;
  return (await renewExpiredAtProvider()) ?? undefined;
}

/**
 * Renews an access token that has expired.
 *
 * @returns null if it has not, or cannot be renewed now.
 */
export async function renewExpiredAtProvider(): Promise<Credentials | null> {
  const session = readProviderSession();
  if (!session?.refreshToken || session.expiresAt === null || session.expiresAt > Date.now()) return null;
  return renewCredentials().catch((error: unknown) => {
    // The user stays signed in, and can add files.
    if (error instanceof ProviderError) return null;
    throw error;
  });
}
