import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';

/**
 * Serves the built app. Files with a hash in their name never change; the others are revalidated
 * every time. Page requests for any other path lead to the app, whose own URLs are relative to its
 * page. Before the first build there is only the API.
 */
export async function serveStaticApp(app: FastifyInstance, staticDir: string | undefined): Promise<void> {
  const isBuilt = staticDir !== undefined && existsSync(join(staticDir, 'index.html'));
  if (isBuilt) {
    const assets = join(staticDir, 'assets');
    await app.register(fastifyStatic, {
      root: staticDir,
      cacheControl: false,
      dotfiles: 'ignore',
      setHeaders(response, path) {
        const isHashed = path.startsWith(assets);
        response.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    // Relative, because a proxy may have removed a path that the server does not know.
    if (isBuilt && isPage) return reply.redirect(toRoot(request.url));
    throw new ApiError(404, 'not_found', 'There is nothing at this address. Check it.');
  });
}

/** The way from a URL to the folder of the app. */
function toRoot(url: string): string {
  const [path = '/', query] = url.split('?');
  const depth = path.split('/').length - 2;
  return `${'../'.repeat(depth) || './'}${query === undefined ? '' : `?${query}`}`;
}
