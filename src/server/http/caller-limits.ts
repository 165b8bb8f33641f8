import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';

/** The request limit of one caller, beside that of one address. */
export interface CallerLimits {
  readonly requestsPerMinute: number;
  /** @returns the id of the user or of the guest link; rejects for other callers. */
  readonly authenticate: (request: FastifyRequest) => Promise<string>;
}

/** Limits the requests per minute of each caller, from whatever address they come. */
export function limitCallers(app: FastifyInstance, { requestsPerMinute, authenticate }: CallerLimits): void {
  const count = app.createRateLimit({
    max: requestsPerMinute,
    keyGenerator: (request) => request.userId ?? '',
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization === undefined) return;
    // The route refuses an invalid token.
    const callerId = await authenticate(request).catch(() => null);
    if (callerId === null) return;
    request.userId = callerId;
    const limit = await count(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header('Retry-After', String(limit.ttlInSeconds));
    throw new ApiError(429, 'too_many_requests', 'Too many requests. Try again later.');
  });
}
