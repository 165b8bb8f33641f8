import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { unauthorized } from '../auth/auth.ts';
import { ApiError, badField } from '../errors.ts';
import type { ApiContext, CookiePlace } from './api-context.ts';

const COOKIE_TTL_SECONDS = 30 * 24 * 60 * 60;
const signInBody = v.object({ code: v.pipe(v.string(), v.maxLength(200)) });

/**
 * Sign-in, refresh and sign-out. All require JSON, which a page of another origin cannot send
 * without a preflight; the cookie is SameSite=Strict as well.
 */
export function authRoutes(api: FastifyInstance, { auth, refreshCookie }: ApiContext): void {
  const { accessTokens, codes, refreshTokens } = auth;

  const sendTokens = async (reply: FastifyReply, userId: string, refreshToken: string) => {
    reply.header('Set-Cookie', toCookie(refreshCookie, refreshToken, COOKIE_TTL_SECONDS));
    const expiresAt = accessTokens.getExpiry();
    const token = await accessTokens.issue(userId, expiresAt);
    return { user_id: userId, token, expires_at: new Date(expiresAt * 1000).toISOString() };
  };

  api.post('/auth/session', { onRequest: requireJson }, async (request, reply) => {
    const body = v.safeParse(signInBody, request.body);
    if (!body.success) throw badField('code', 'is missing');
    const userId = codes.redeem(body.output.code);
    // The previous user is signed out: a browser that loses the new cookie must not return as that
    // user.
    await refreshTokens.revoke(parseRefreshCookie(request, refreshCookie) ?? '');
    return sendTokens(reply, userId, await refreshTokens.create(userId));
  });

  api.post('/auth/refresh', { onRequest: requireJson }, async (request, reply) => {
    const refreshToken = parseRefreshCookie(request, refreshCookie);
    // Not an error: every first visit would log one in the browser's console.
    if (refreshToken === undefined) return reply.code(204).send();
    const rotated = await refreshTokens.rotate(refreshToken);
    if (!rotated) throw unauthorized();
    return sendTokens(reply, rotated.userId, rotated.token);
  });

  api.post('/auth/sign-out', { onRequest: requireJson }, async (request, reply) => {
    await refreshTokens.revoke(parseRefreshCookie(request, refreshCookie) ?? '');
    return reply
      .header('Set-Cookie', toCookie(refreshCookie, '', 0))
      .code(204)
      .send();
  });
}

/**
 * SameSite does not keep out other ports of the same host. A page there needs a preflight to send
 * JSON.
 */
async function requireJson(request: FastifyRequest): Promise<void> {
  if (/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return;
  request.raw.resume();
  throw new ApiError(415, 'json_required', 'The body is not JSON. Send it as application/json.');
}

function toCookie({ name, path, isSecure }: CookiePlace, value: string, maxAgeSeconds: number): string {
  const attributes = `Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  return `${name}=${value}; ${attributes}`;
}

function parseRefreshCookie(request: FastifyRequest, { name }: CookiePlace): string | undefined {
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;
}
