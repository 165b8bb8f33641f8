import * as v from 'valibot';
import { type Credentials, UploadError } from '../../page/index.ts';
import { API } from '../urls.ts';
import { forgetCode, getBrowserName, getRepeatableCode, rememberAccepted } from './redeemed-code.ts';

/**
 * The longest wait for the server. While it checks a sign-in link, the app shows no queue.
 */
const TIMEOUT_MS = 30_000;

const signInResponse = v.object({ user_id: v.string(), token: v.string() });

/** Whether the URL of the page is a sign-in link. */
export function hasSignInCode(): boolean {
  return getSignInCode() !== null;
}

/**
 * Signs in with the one-time code in the URL, else with the refresh cookie.
 *
 * @returns null if the server says that no user is signed in.
 * @throws UploadError `network` if the server cannot be reached or gives no clear answer.
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
  await (credentials ? rememberAccepted(code) : forgetCode());
  return credentials;
}

function getSignInCode(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('code');
}

/** @returns null if the server cannot be reached. */
function post(action: string, body: unknown): Promise<Response | null> {
  const headers = { 'Content-Type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) };
  return fetch(`${API}/auth/${action}`, request).catch(() => null);
}

async function readCredentials(response: Response | null): Promise<Credentials | null> {
  if (response && (response.status === 204 || isRejection(response.status))) return null;
  // An overloaded server or a captive portal does not know who is signed in.
  const result = v.safeParse(signInResponse, response?.ok ? await response.json().catch(() => null) : null);
  if (!result.success) throw new UploadError('network', 'The server could not be reached.');
  return { userId: result.output.user_id, accessToken: result.output.token };
}

function isRejection(status: number): boolean {
  return status === 400 || status === 401 || status === 403;
}
