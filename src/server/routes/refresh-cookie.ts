import type { FastifyRequest } from 'fastify';
import type { CookiePlace } from './api-context.ts';

const TTL_SECONDS = 30 * 24 * 60 * 60;
/** So many cookies of one name are judged: more are no accident. */
const MAX_COOKIES = 10;

/** The value of `Set-Cookie` that keeps a refresh token in the browser. */
export function toRefreshCookie(place: CookiePlace, token: string): string {
  return toCookie(place, token, TTL_SECONDS);
}

/** The value of `Set-Cookie` that deletes the refresh token of the browser. */
export function toEndedCookie(place: CookiePlace): string {
  return toCookie(place, '', 0);
}

/**
 * The refresh tokens of a request. There may be several: another port of the host, or an earlier
 * path of the app, can leave a cookie of the same name.
 */
export function parseRefreshCookies({ headers }: FastifyRequest, { name }: CookiePlace): string[] {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  const own = cookies.filter((cookie) => cookie.startsWith(`${name}=`));
  const tokens = own.map((cookie) => cookie.slice(name.length + 1)).filter((token) => token !== '');
  return [...new Set(tokens)].slice(0, MAX_COOKIES);
}

function toCookie({ name, path, isSecure }: CookiePlace, value: string, maxAgeSeconds: number): string {
  const attributes = `Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
  return `${name}=${value}; ${attributes}${isSecure ? '; Secure' : ''}`;
}
