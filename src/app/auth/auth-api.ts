import * as v from 'valibot';
import { type Credentials, UploadError } from '../../page/index.ts';

/** A server that has not answered after this long, in ms, is not reached: until then nothing is shown to who comes by a link. */
const PATIENCE_MS = 30_000;

const signedIn = v.object({ user_id: v.string(), token: v.string() });

/** Whether the address says who is to be signed in. */
export function hasSignInCode(): boolean {
  return signInCode() !== null;
}

/**
 * Signs in with the one-time code in the address, or stays signed in by the cookie.
 *
 * @returns null when the server says that nobody is signed in.
 * @throws UploadError `network` when it cannot be reached, or is in no state to say.
 */
export async function signIn(): Promise<Credentials | null> {
  const code = signInCode();
  if (code === null) return refreshCredentials();
  const token = await post('/api/auth/session', { code });
  // The code is spent: it must not be kept in the history or shared by accident.
  history.replaceState(null, '', location.pathname + location.search);
  return token ?? refreshCredentials();
}

/**
 * Signs in with the one-time code of a link that was pasted.
 *
 * @returns null when the server does not take it; errors as for `signIn`.
 */
export async function signInWithLink(link: string): Promise<Credentials | null> {
  const code = new URLSearchParams(link.split('#')[1] ?? link).get('code');
  return code === null ? null : post('/api/auth/session', { code });
}

/** A new token by the cookie; null and errors as for `signIn`. */
export function refreshCredentials(): Promise<Credentials | null> {
  return post('/api/auth/refresh', {});
}

/** Ends the session on the server; throws UploadError `network` when it cannot be told. */
export async function signOut(): Promise<void> {
  await post('/api/auth/sign-out', {});
}

function signInCode(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('code');
}

async function post(url: string, body: unknown): Promise<Credentials | null> {
  const headers = { 'Content-Type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) };
  const response = await fetch(url, request).catch(() => null);
  if (response && (response.status === 204 || isRefusal(response.status))) return null;
  // A busy server or a hotel's sign-in page in between says nothing of who is signed in here.
  const read = v.safeParse(signedIn, response?.ok ? await response.json().catch(() => null) : null);
  if (!read.success) throw new UploadError('network', 'The server could not be reached.');
  return { userId: read.output.user_id, accessToken: read.output.token };
}

function isRefusal(status: number): boolean {
  return status === 400 || status === 401 || status === 403;
}
