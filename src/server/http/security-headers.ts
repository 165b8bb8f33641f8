import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Restricts pages to their own origin, without inline scripts or styles. */
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
    // Plain HTTP on localhost must keep working. A proxy that terminates TLS adds this header.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy: 'same-site' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
