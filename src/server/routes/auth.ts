import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { ApiError, badField } from '../errors.ts';
import type { Context } from './context.ts';

const COOKIE = 'refresh';
const PATH = '/api/auth';
const signIn = v.object({ code: v.pipe(v.string(), v.maxLength(200)) });

/**
 * Signing in, staying so and signing out. All take JSON, which a page of another origin cannot send unasked, and the cookie is
 * SameSite=Strict beside that.
 */
export function authRoutes(app: FastifyInstance, { auth }: Context): void {
  const signedIn = async (reply: FastifyReply, userId: string, refresh: string) => {
    reply.header('Set-Cookie', cookie(refresh, 30 * 24 * 60 * 60));
    const expiresAt = auth.expiresAt();
    const token = await auth.issue(userId, expiresAt);
    return { user_id: userId, token, expires_at: new Date(expiresAt * 1000).toISOString() };
  };

  app.post('/auth/session', { onRequest: onlyJson }, async (request, reply) => {
    const read = v.safeParse(signIn, request.body);
    if (!read.success) throw badField('code', 'is missing');
    const userId = auth.redeemCode(read.output.code);
    // Whoever was signed in here before is not any more: a browser that loses the new cookie must not come back as that user.
    await auth.revokeRefreshToken(parseRefreshCookie(request));
    return signedIn(reply, userId, await auth.createRefreshToken(userId));
  });

  app.post('/auth/refresh', { onRequest: onlyJson }, async (request, reply) => {
    const refresh = parseRefreshCookie(request);
    // Nobody is signed in: an answer like any other, not an error in everybody's console.
    if (refresh === undefined) return reply.code(204).send();
    const { userId, next } = await auth.rotateRefreshToken(refresh);
    return signedIn(reply, userId, next);
  });

  app.post('/auth/sign-out', { onRequest: onlyJson }, async (request, reply) => {
    await auth.revokeRefreshToken(parseRefreshCookie(request));
    return reply.header('Set-Cookie', cookie('', 0)).code(204).send();
  });
}

/** SameSite lets another port of the same host through: that page has to ask first before it may send JSON. */
async function onlyJson(request: FastifyRequest): Promise<void> {
  if (/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return;
  request.raw.resume();
  throw new ApiError(415, 'json_required', 'Send this as application/json.');
}

function cookie(value: string, maxAgeSeconds: number): string {
  return `${COOKIE}=${value}; Path=${PATH}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
}

function parseRefreshCookie(request: FastifyRequest): string | undefined {
  return /(?:^|;\s*)refresh=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
}
