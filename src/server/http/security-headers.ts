import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Features that the app does not use, so that injected code cannot use them either. */
const UNUSED_FEATURES = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'serial', 'usb'];

/** What the headers depend on. */
export interface HeaderOptions {
  /** Other origins that the app may call. */
  readonly connectSrc: readonly string[];
  /** Whether clients use TLS. */
  readonly isSecure: boolean;
}

/** Restricts pages to their own origin, without inline scripts or styles. */
export async function addSecurityHeaders(app: FastifyInstance, { connectSrc, isSecure }: HeaderOptions): Promise<void> {
  const policy = UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', ');
  app.addHook('onRequest', async (_request, reply) => void reply.header('Permissions-Policy', policy));
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
    // Plain HTTP on localhost must keep working.
    strictTransportSecurity: isSecure && { maxAge: YEAR_SECONDS, includeSubDomains: false },
    crossOriginResourcePolicy: { policy: 'same-site' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
