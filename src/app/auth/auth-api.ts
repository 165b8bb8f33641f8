import * as v from 'valibot';
import { type Credentials, UploadError } from '../../page/index.ts';
import { API } from '../urls.ts';
import { forgetCode, getBrowserName, getRepeatableCode } from './redeemed-code.ts';

/**
 * The longest wait for the server. While it checks a sign-in link, the app shows no queue.
 */
const TIMEOUT_MS = 30_000;

/** An error of the API. Proxies answer with pages, and with JSON of other shapes. */
const rejection = v.object({ error: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/)) });
const signInResponse = v.object({ user_id: v.string(), token: v.string() });

/** Whether the URL of the page is a sign-in link. */
export function hasSignInCode(): boolean {
  return getSignInCode() !== null;
}

/**
 * Signs in with the one-time code in the URL, else with the refresh cookie.
 *
 * @returns null if the server says that no user is signed in.
 * @throws UploadError `network` if the server cannot be reached or gives no clear answer,
 * `network_sign_in` if a proxy asks for a sign-in of its own.
 */
export async function signIn(): Promise<Credentials | null> {
  const code = getSignInCode();
  if (code === null) return refreshCredentials();
  const credentials = await redeem(code);
  // The code is used up, and must not remain in the history or in a copied URL.
  history.replaceState(null, '', location.pathname + location.search);
  return credentials ?? refreshCredentials();
}

/**
 * Signs in with the one-time code of a pasted link.
 *
 * @returns null if the server rejects it.
 * @throws as `signIn`.
 */
export async function signInWithLink(link: string): Promise<Credentials | null> {
  const code = new URLSearchParams(link.split('#')[1] ?? link).get('code');
  return code === null ? null : redeem(code);
}

/**
 * Gets credentials for the refresh cookie. Without a cookie, repeats a sign-in of the last minutes:
 * a browser that was killed has not stored its cookie.
 *
 * @returns null if no user is signed in.
 * @throws as `signIn`.
 */
export async function refreshCredentials(): Promise<Credentials | null> {
  const response = await post('refresh', {});
  const code = response?.status === 204 ? await getRepeatableCode() : null;
  if (code !== null) return redeem(code);
  const credentials = await readCredentials(response);
  if (credentials) await forgetCode();
  return credentials;
}

/** @throws UploadError `network` if the server cannot be reached. */
export async function signOut(): Promise<void> {
  await readCredentials(await post('sign-out', {}));
  await forgetCode();
}

/** The server knows this browser by a name, and lets it repeat the sign-in for some minutes. */
async function redeem(code: string): Promise<Credentials | null> {
  const credentials = await readCredentials(await post('session', { code, browser: await getBrowserName(code) }));
  if (!credentials) await forgetCode();
  return credentials;
}

function getSignInCode(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('code');
}

/** @returns null if the server cannot be reached. */
function post(action: string, body: unknown): Promise<Response | null> {
  const headers = { 'Content-Type': 'application/json' };
  const request: RequestInit = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual' };
  request.signal = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(`${API}/auth/${action}`, request).catch(() => null);
}

async function readCredentials(response: Response | null): Promise<Credentials | null> {
  if (response?.status === 204) return null;
  const json: unknown = await response?.json().catch(() => null);
  if (response && isRejection(response.status, json)) return null;
  // The server redirects nothing. A proxy in front of it asks for a sign-in of its own.
  if (response?.type === 'opaqueredirect' || response?.status === 401) {
    throw new UploadError('network_sign_in', 'Your network asks you to sign in.');
  }
  // An overloaded server or a captive portal does not know who is signed in.
  const result = v.safeParse(signInResponse, response?.ok ? json : null);
  if (!result.success) throw new UploadError('network', 'The server could not be reached.');
  return { userId: result.output.user_id, accessToken: result.output.token };
}

/** The page of a proxy, which has the same statuses, says nothing about the user. */
function isRejection(status: number, json: unknown): boolean {
  return (status === 400 || status === 401 || status === 403) && v.is(rejection, json);
}
