import * as v from 'valibot';
import { type Credentials, UploadError } from '../../page/index.ts';
import { API } from '../urls.ts';

/**
 * The longest wait for the server. While it checks a sign-in link, the app shows no queue.
 */
const TIMEOUT_MS = 30_000;

/** The key of `getBrowserName` in localStorage. */
const BROWSER_KEY = 'sign-in-browser';

/** An error of the API. Proxies answer with pages, and with JSON of other shapes. */
const rejection = v.object({ error: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/)) });
const signInResponse = v.object({ user_id: v.string(), token: v.string() });
const otherUserResponse = v.object({ error: v.literal('other_user'), user_id: v.string() });

/** What the server answers to a sign-in code. */
export type Redemption =
  | { readonly kind: 'signed-in'; readonly credentials: Credentials }
  /** The code belongs to another user than the signed-in one, and was not used. */
  | { readonly kind: 'other-user'; readonly userId: string }
  | { readonly kind: 'refused' };

/** The one-time code in the URL of the page; null if the URL is no sign-in link. */
export function getSignInCode(): string | null {
  return parseSignInCode(location.hash);
}

/** The one-time code of a link, or of what follows its `#`. */
export function parseSignInCode(link: string): string | null {
  return new URLSearchParams(link.split('#')[1] ?? link).get('code');
}

/**
 * Uses a one-time code. A code whose response was lost works again in this browser, which the
 * server knows by a name.
 *
 * @param signedInUserId the code of another user is not used; null uses any code.
 * @throws UploadError `network` if the server cannot be reached or gives no clear answer.
 */
export async function redeemCode(code: string, signedInUserId: string | null): Promise<Redemption> {
  const user = signedInUserId === null ? {} : { user_id: signedInUserId };
  const response = await post('session', { code, browser: getBrowserName(), ...user });
  if (response?.status === 409) {
    const result = v.safeParse(otherUserResponse, await response.json().catch(() => null));
    if (result.success) return { kind: 'other-user', userId: result.output.user_id };
  }
  const credentials = await readCredentials(response);
  localStorage.removeItem(BROWSER_KEY);
  return credentials ? { kind: 'signed-in', credentials } : { kind: 'refused' };
}

/**
 * Gets credentials for the refresh cookie.
 *
 * @returns null if no user is signed in.
 * @throws UploadError `network` as `redeemCode`.
 */
export async function refreshCredentials(): Promise<Credentials | null> {
  return readCredentials(await post('refresh', {}));
}

/** @throws UploadError `network` if the server cannot be reached. */
export async function signOut(): Promise<void> {
  await readCredentials(await post('sign-out', {}));
}

/** A random name that lasts until the server has answered. */
function getBrowserName(): string {
  const name = localStorage.getItem(BROWSER_KEY) ?? crypto.randomUUID();
  localStorage.setItem(BROWSER_KEY, name);
  return name;
}

/** @returns null if the server cannot be reached. */
function post(action: string, body: unknown): Promise<Response | null> {
  const headers = { 'Content-Type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) };
  return fetch(`${API}/auth/${action}`, request).catch(() => null);
}

async function readCredentials(response: Response | null): Promise<Credentials | null> {
  if (response?.status === 204) return null;
  const json: unknown = await response?.json().catch(() => null);
  if (response && isRejection(response.status, json)) return null;
  // An overloaded server or a captive portal does not know who is signed in.
  const result = v.safeParse(signInResponse, response?.ok ? json : null);
  if (!result.success) throw new UploadError('network', 'The server could not be reached.');
  return { userId: result.output.user_id, accessToken: result.output.token };
}

/** The page of a proxy, which has the same statuses, says nothing about the user. */
function isRejection(status: number, json: unknown): boolean {
  return (status === 400 || status === 401 || status === 403) && v.is(rejection, json);
}
