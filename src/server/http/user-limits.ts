import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';

/** The request limit of one user, beside that of one address. */
export interface UserLimits {
  readonly requestsPerMinute: number;
  /** @returns the user id; rejects for a stranger. */
  readonly authenticate: (authorization: string | undefined) => Promise<string>;
}

/** Limits the requests per minute of each user, from whatever address they come. */
export function limitUsers(app: FastifyInstance, { requestsPerMinute, authenticate }: UserLimits): void {
  const count = app.createRateLimit({
    max: requestsPerMinute,
    keyGenerator: (request) => request.userId ?? '',
  });
  app.addHook('onRequest', async (request, reply) => {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    // The route refuses an invalid token.
    const user = await authenticate(authorization).catch(() => null);
    if (user === null) return;
    request.userId = user;
    const limit = await count(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header('Retry-After', String(limit.ttlInSeconds));
    throw new ApiError(429, 'too_many_requests', 'Too many requests. Try again later.');
  });
}
