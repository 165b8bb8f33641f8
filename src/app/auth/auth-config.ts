import * as v from 'valibot';
import { UploadError } from '../../page/index.ts';
import { API } from '../urls.ts';
import { checkGate } from './network-gate.ts';

const TIMEOUT_MS = 30_000;

const openIdSchema = v.object({
  sign_in: v.literal('openid'),
  issuer: v.string(),
  client_id: v.string(),
  scope: v.string(),
  resource: v.optional(v.string()),
});
const configSchema = v.variant('sign_in', [
  v.object({ sign_in: v.literal('link') }),
  v.object({ sign_in: v.literal('none') }),
  openIdSchema,
]);

/** How an identity provider signs users of this app in (OpenID Connect). */
export type OpenIdConfig = v.InferOutput<typeof openIdSchema>;

/**
 * How users of the server sign in: with links of the server, at an identity provider, or in a way
 * that this app does not know.
 */
export type AuthConfig = v.InferOutput<typeof configSchema>;

let known: AuthConfig | null = null;

/**
 * Reads how users of this server sign in; once in each page.
 *
 * @throws UploadError `network` if the server cannot be reached or gives no clear answer,
 *   `network_sign_in` if a proxy asks for a sign-in of its own.
 */
export async function readAuthConfig(): Promise<AuthConfig> {
  known ??= await request();
  return known;
}

async function request(): Promise<AuthConfig> {
  const init: RequestInit = { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) };
  const response = await fetch(`${API}/auth/config`, init).catch(() => null);
  if (response) checkGate(response);
  const json: unknown = await response?.json().catch(() => null);
  // Servers of earlier versions do not have the route.
  if (response?.status === 404 && v.is(v.object({ error: v.string() }), json)) return { sign_in: 'link' };
  const result = v.safeParse(configSchema, response?.ok ? json : null);
  if (result.success) return result.output;
  throw new UploadError('network', 'The server could not be reached.');
}
