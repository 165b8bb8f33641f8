import * as v from 'valibot';

const SESSION_KEY = 'identity-provider';
const PENDING_KEY = 'identity-provider-sign-in';

const sessionSchema = v.object({
  userId: v.string(),
  /** The name of the user at the provider; null if it gives none. */
  name: v.nullable(v.string()),
  /** Null if the provider gives none: the user signs in again when the access token expires. */
  refreshToken: v.nullable(v.string()),
  /** When the access token expires, in ms since 1970; null if the provider does not say. */
  expiresAt: v.nullable(v.number()),
  /** Names the user when they sign out of the provider. */
  idToken: v.string(),
});
const pendingSchema = v.object({ state: v.string(), nonce: v.string(), codeVerifier: v.string() });

/** A sign-in at the identity provider, which all tabs share. */
export type ProviderSession = v.InferOutput<typeof sessionSchema>;
/** The secrets of a sign-in that the tab has left for. They prove that it was started here. */
export type PendingSignIn = v.InferOutput<typeof pendingSchema>;

export function readProviderSession(): ProviderSession | null {
  return parse(sessionSchema, localStorage.getItem(SESSION_KEY));
}

export function storeProviderSession(session: ProviderSession | null): void {
  if (session) localStorage.setItem(SESSION_KEY, JSON.stringify(session));
  else localStorage.removeItem(SESSION_KEY);
}

/** Whether the provider has sent the user back to this page. */
export function hasProviderResponse(): boolean {
  const query = new URLSearchParams(location.search);
  return query.has('state') && (query.has('code') || query.has('error'));
}

/** Removes the response of the provider from the URL: it works once. */
export function removeProviderResponse(): void {
  history.replaceState(null, '', location.pathname + location.hash);
}

export function storePendingSignIn(pending: PendingSignIn): void {
  sessionStorage.setItem(PENDING_KEY, JSON.stringify(pending));
}

/** Reads and removes what `storePendingSignIn` stored in this tab. */
export function takePendingSignIn(): PendingSignIn | null {
  const pending = parse(pendingSchema, sessionStorage.getItem(PENDING_KEY));
  sessionStorage.removeItem(PENDING_KEY);
  return pending;
}

function parse<T>(schema: v.GenericSchema<unknown, T>, text: string | null): T | null {
  if (text === null) return null;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return result.success ? result.output : null;
}
