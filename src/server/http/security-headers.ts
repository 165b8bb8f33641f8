import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** The headers that keep a page to what it is for; none of them needs inline scripts or styles. */
export async function addSecurityHeaders(app: FastifyInstance, connectSrc: readonly string[]): Promise<void> {
  const self = ["'self'"];
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: self,
        scriptSrc: self,
        styleSrc: self,
        workerSrc: self,
        connectSrc: [...self, ...connectSrc],
        imgSrc: [...self, 'blob:', 'data:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: self,
      },
    },
    // Plain http on localhost must go on working; a proxy in front adds this where there is TLS.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy: 'same-site' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
