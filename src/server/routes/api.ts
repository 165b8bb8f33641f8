import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';
import type { ApiContext } from './api-context.ts';
import { authRoutes } from './auth.ts';
import { authConfigRoute } from './auth-config.ts';
import { batchRoutes } from './batches.ts';
import { bundleRoutes } from './bundle.ts';
import { deviceRoutes } from './devices.ts';
import { decorateWithFeatures } from './features.ts';
import { guestRoutes } from './guest.ts';
import { guestLinkRoutes } from './guest-links.ts';
import { healthRoutes } from './health.ts';
import { sessionRoutes } from './sessions.ts';
import { uploadRoutes } from './upload.ts';

/** Registers the routes that the context enables. */
export function apiRoutes(api: FastifyInstance, context: ApiContext): void {
  const { hasExtensions } = context.fieldRules;
  // The routes read the bodies as streams.
  api.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  api.setNotFoundHandler(() => {
    throw new ApiError(404, 'not_found', 'There is no such route. Check method and path.');
  });
  api.addHook('onRequest', async (_request, reply) => void reply.header('Cache-Control', 'no-store'));
  decorateWithFeatures(api, hasExtensions, context.maxUploadBytes);
  healthRoutes(api, context.readiness);
  authConfigRoute(api, context);
  if (context.auth.provider === null) {
    authRoutes(api, context);
    deviceRoutes(api, context);
  }
  uploadRoutes(api, context);
  if (!hasExtensions) return;
  sessionRoutes(api, context);
  batchRoutes(api, context);
  bundleRoutes(api, context);
  guestLinkRoutes(api, context);
  guestRoutes(api, context);
}
