import { BASE } from '../urls.ts';

const PARAMETER = 'network-sign-in';

/**
 * The address of the app that the worker does not answer from its cache, so that a proxy in front
 * of the server can show its sign-in.
 */
export const NETWORK_SIGN_IN_URL = `${BASE}?${PARAMETER}`;

/** Removes the parameter after the return, so that later reloads use the cache. */
export function removeNetworkSignIn(): void {
  const url = new URL(location.href);
  if (!url.searchParams.has(PARAMETER)) return;
  url.searchParams.delete(PARAMETER);
  history.replaceState(null, '', url);
}
