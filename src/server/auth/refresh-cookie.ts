import type { FastifyRequest } from 'fastify';

const NAME = 'refresh';
const PATH = '/api/auth';
const TTL_SECONDS = 30 * 24 * 60 * 60;

/** The value of `Set-Cookie` that keeps a refresh token in the browser. */
export function toRefreshCookie(token: string): string {
  return toCookie(token, TTL_SECONDS);
}

/** The value of `Set-Cookie` that deletes the refresh token of the browser. */
export function toEndedCookie(): string {
  return toCookie('', 0);
}

/**
 * The refresh tokens of a request. There may be several: another port of the host, or an earlier
 * path of the app, can leave a cookie of the same name.
 */
export function parseRefreshCookies({ headers }: FastifyRequest): string[] {
  const found = (headers.cookie ?? '').matchAll(/(?:^|;)\s*refresh=([^;]+)/g);
  return [...new Set(Array.from(found, ([, token = '']) => token.trim()))].slice(0, 10);
}

function toCookie(value: string, maxAgeSeconds: number): string {
  return `${NAME}=${value}; Path=${PATH}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
}
