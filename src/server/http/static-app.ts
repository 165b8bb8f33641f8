import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';

/**
 * Serves the built app. Files with a hash in their name never change; the others are revalidated
 * every time. Page requests for any other path get the app, which resolves the path itself. Before
 * the first build there is only the API.
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
    if (isBuilt && isPage) return reply.sendFile('index.html');
    throw new ApiError(404, 'not_found', 'There is nothing at this address. Check it.');
  });
}
