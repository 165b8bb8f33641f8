import * as v from 'valibot';
import { type Credentials, UploadError } from '../../page/index.ts';
import { API } from '../urls.ts';
import { checkGate } from './network-gate.ts';
import { forgetCode, getBrowserName, getRepeatableCode, rememberAccepted } from './redeemed-code.ts';

/**
 * The longest wait for the server. While it checks a sign-in link, the app shows no queue.
 */
const TIMEOUT_MS = 30_000;

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
 * @throws UploadError `network` if the server cannot be reached or gives no clear answer,
 *   `network_sign_in` if a proxy asks for a sign-in of its own.
 */
export async function redeemCode(code: string, signedInUserId: string | null): Promise<Redemption> {
  const user = signedInUserId === null ? {} : { user_id: signedInUserId };
  const response = await post('session', { code, browser: await getBrowserName(code), ...user });
  if (response?.status === 409) {
    const result = v.safeParse(otherUserResponse, await response.json().catch(() => null));
    if (result.success) return { kind: 'other-user', userId: result.output.user_id };
  }
  const credentials = await readCredentials(response);
  await (credentials ? rememberAccepted(code) : forgetCode());
  return credentials ? { kind: 'signed-in', credentials } : { kind: 'refused' };
}

/**
 * Gets credentials for the refresh cookie. Without a cookie, repeats a sign-in of the last minutes:
 * a browser that was killed has not stored its cookie.
 *
 * @returns null if no user is signed in.
 * @throws UploadError as `redeemCode`.
 */
export async function refreshCredentials(): Promise<Credentials | null> {
  const response = await post('refresh', {});
  const code = response?.status === 204 ? await getRepeatableCode() : null;
  if (code !== null) {
    const redemption = await redeemCode(code, null);
    return redemption.kind === 'signed-in' ? redemption.credentials : null;
  }
  const credentials = await readCredentials(response);
  if (credentials) await forgetCode();
  return credentials;
}

/** @throws UploadError `network` if the server cannot be reached. */
export async function signOut(): Promise<void> {
  await readCredentials(await post('sign-out', {}));
  await forgetCode();
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
  if (response) checkGate(response);
  // An overloaded server or a captive portal does not know who is signed in.
  const result = v.safeParse(signInResponse, response?.ok ? json : null);
  if (!result.success) throw new UploadError('network', 'The server could not be reached.');
  return { userId: result.output.user_id, accessToken: result.output.token };
}

/** The page of a proxy, which has the same statuses, says nothing about the user. */
function isRejection(status: number, json: unknown): boolean {
  return (status === 400 || status === 401 || status === 403) && v.is(rejection, json);
}
