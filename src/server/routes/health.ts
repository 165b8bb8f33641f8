import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../readiness.ts';

/** `/health` says that the process is alive, `/ready` that it can accept uploads. */
export function healthRoutes(api: FastifyInstance, readiness: Readiness): void {
  // A load balancer asks often, and from one address.
  const config = { rateLimit: false };
  api.get('/health', { config }, async () => ({ ok: true }));
  api.get('/ready', { config }, async (_request, reply) => {
    const report = await readiness.check();
    if (report.ready) return report;
    return reply
      .code(503)
      .header('Retry-After', '10')
      .send({
        error: 'not_ready',
        message: 'The server cannot store uploads now. Check its disk and its log.',
        ...report,
      });
  });
}
