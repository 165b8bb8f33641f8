import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.ts';

/**
 * Serves the built app; what has a hash in its name never changes, the rest is asked for anew each time. Every other address is
 * the app's own to make sense of. Before the first build there is nothing to serve, and the API does without.
 */
export async function serveApp(app: FastifyInstance, staticDir: string | undefined): Promise<void> {
  const isBuilt = staticDir !== undefined && existsSync(join(staticDir, 'index.html'));
  if (isBuilt) {
    const assets = join(staticDir, 'assets');
    await app.register(fastifyStatic, {
      root: staticDir,
      cacheControl: false,
      setHeaders(response, path) {
        const isHashed = path.startsWith(assets);
        response.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (isBuilt && isPage) return reply.sendFile('index.html');
    throw new ApiError(404, 'not_found', 'There is nothing here.');
  });
}

/** The headers that keep a page to what it is for; none of them needs inline scripts or styles. */
export async function protectPages(app: FastifyInstance, connectSrc: readonly string[]): Promise<void> {
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

/**
 * Lets pages of other origins call the API, with `Authorization` and no other header of their own: what more a client wants to
 * say rides in form fields.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    // Also where this one is not allowed: a cache in between must not give its answer to one that is.
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
