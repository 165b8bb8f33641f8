import * as v from 'valibot';
import type { Token } from '../page/index.ts';

const signedIn = v.object({ user_id: v.string(), token: v.string() });

/**
 * Signs in with the one-time code in the address, or stays signed in by the cookie.
 *
 * @returns null when the server says that nobody is signed in.
 * @throws TypeError when it cannot be reached.
 */
export async function signIn(): Promise<Token | null> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return refresh();
  const token = await post('/api/auth/session', { code });
  // The code is spent: it must not be kept in the history or shared by accident.
  history.replaceState(null, '', location.pathname + location.search);
  return token ?? refresh();
}

/** A new token by the cookie. */
export function refresh(): Promise<Token | null> {
  return post('/api/auth/refresh', {});
}

/** Ends the session on the server. */
export async function signOut(): Promise<void> {
  await post('/api/auth/sign-out', {});
}

async function post(url: string, body: unknown): Promise<Token | null> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const read = v.safeParse(signedIn, response.ok && response.status !== 204 ? await response.json() : null);
  return read.success ? { userId: read.output.user_id, token: read.output.token } : null;
}
