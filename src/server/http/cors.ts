import type { FastifyInstance } from 'fastify';

/**
 * Lets pages of other origins call the API with an `Authorization` header. No other request header
 * is allowed: clients use form fields.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    // Also for origins that are not allowed: a cache must not give their response to one that is.
    reply.header('Vary', 'Origin');
    if (origin === undefined || !origins.includes(origin)) return;
    reply.headers({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': 'Retry-After',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    if (request.method !== 'OPTIONS') return;
    reply.headers({
      'Access-Control-Allow-Headers': 'authorization',
      'Access-Control-Allow-Methods': 'GET, POST, DELETE',
      'Access-Control-Max-Age': '600',
    });
    return reply.code(204).send();
  });
}
