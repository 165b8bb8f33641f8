import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { unauthorized } from '../auth/auth.ts';
import { shortenUserAgent } from '../auth/user-agent.ts';
import { ApiError, badField } from '../errors.ts';
import type { IssuedToken, Rotation } from '../store/refresh-tokens.ts';
import type { ApiContext } from './api-context.ts';
import { parseRefreshCookies, toEndedCookie, toRefreshCookie } from './refresh-cookie.ts';

const word = v.pipe(v.string(), v.maxLength(200));
const signInBody = v.object({
  code: word,
  browser: v.nullish(v.pipe(word, v.minLength(16)), null),
  user_id: v.nullish(word, null),
});

/**
 * Sign-in, refresh and sign-out. All require JSON, which a page of another origin cannot send
 * without a preflight; the cookie is SameSite=Strict as well.
 */
export function authRoutes(api: FastifyInstance, { auth, refreshCookie }: ApiContext): void {
  const { accessTokens, refreshTokens } = auth;

  const sendTokens = async (reply: FastifyReply, { userId, familyId, token: refreshToken }: IssuedToken) => {
    reply.header('Set-Cookie', toRefreshCookie(refreshCookie, refreshToken));
    const expiresAt = accessTokens.getExpiry();
    const token = await accessTokens.issue({ userId, familyId }, expiresAt);
    return { user_id: userId, token, expires_at: new Date(expiresAt * 1000).toISOString() };
  };

  api.post('/auth/session', { onRequest: requireJson }, async (request, reply) => {
    const body = v.safeParse(signInBody, request.body);
    if (!body.success) throw badField(String(body.issues[0].path?.[0]?.key ?? 'code'), 'is missing or not valid');
    const { code, browser: name, user_id: userId } = body.output;
    const userAgent = shortenUserAgent(request.headers['user-agent']);
    const tokens = parseRefreshCookies(request, refreshCookie);
    const issued = await auth.linkSignIn.redeem(code, { userAgent, tokens, name, userId });
    request.log.info({ event: 'signed_in', userId: issued.userId, familyId: issued.familyId }, 'A user signed in.');
    return sendTokens(reply, issued);
  });

  api.post('/auth/refresh', { onRequest: requireJson }, async (request, reply) => {
    const tokens = parseRefreshCookies(request, refreshCookie);
    // Not an error: every first visit would log one in the browser's console.
    if (tokens.length === 0) return reply.code(204).send();
    const rotation = await refreshTokens.rotate(tokens);
    if (rotation.kind === 'rotated') return sendTokens(reply, rotation);
    logRefusal(request, rotation);
    throw unauthorized();
  });

  api.post('/auth/sign-out', { onRequest: requireJson }, async (request, reply) => {
    await refreshTokens.revoke(parseRefreshCookies(request, refreshCookie));
    return reply.header('Set-Cookie', toEndedCookie(refreshCookie)).code(204).send();
  });
}

function logRefusal(request: FastifyRequest, rotation: Exclude<Rotation, { kind: 'rotated' }>): void {
  const { securityLog } = request.server;
  if (rotation.kind === 'reused') {
    const { userId, familyId } = rotation;
    const why = 'A replaced refresh cookie came back. Its sign-in ended.';
    securityLog.recordFinding(request, 'refresh_reused', why, { userId, familyId });
  }
  if (rotation.kind === 'ambiguous') {
    const { userIds } = rotation;
    const why = 'A request carried refresh cookies of several users.';
    securityLog.recordFinding(request, 'refresh_ambiguous', why, { userIds });
  }
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
