import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';
import { allowOrigins } from './cors.ts';
import { sendConnectionError, sendError } from './error-responses.ts';
import { addSecurityHeaders } from './security-headers.ts';

/** The options of the HTTP server. */
export interface AppOptions {
  /** How long a connection may stay silent; 2 minutes by default. */
  readonly idleTimeoutMs?: number;
  /** How long the headers of a request may take; 1 minute by default. */
  readonly headersTimeoutMs?: number;
  /**
   * How long a whole request may take; 1 hour by default, because a slow connection needs minutes
   * for a chunk.
   */
  readonly formTimeoutMs?: number;
  /** Other origins whose pages may call the API. */
  readonly allowedOrigins?: readonly string[];
  /** Other origins that the served app may call. */
  readonly connectSrc?: readonly string[];
  /** The request limit of one address; 6000 by default. */
  readonly requestsPerMinute?: number;
  /** The level of the log on stderr, which has no tokens and codes; `silent` by default. */
  readonly logLevel?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Creates the Fastify instance with everything but routes. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: {
      level: options.logLevel ?? 'silent',
      stream: process.stderr,
      redact: ['req.headers.authorization', 'req.headers.cookie'],
    },
    bodyLimit: 64 * 1024,
    http: toTimeLimits(options),
    requestTimeout: options.formTimeoutMs ?? HOUR_MS,
    connectionTimeout: options.idleTimeoutMs ?? 2 * MINUTE_MS,
    forceCloseConnections: 'idle',
    // `refuseWhileStopping` responds in the API's form instead.
    return503OnClosing: false,
    // Fastify would read a whole file to answer HEAD.
    exposeHeadRoutes: false,
    frameworkErrors: sendError,
    clientErrorHandler: sendConnectionError,
  });
  app.setErrorHandler(sendError);
  refuseWhileStopping(app);
  await addSecurityHeaders(app, options.connectSrc ?? []);
  allowOrigins(app, options.allowedOrigins ?? []);
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 6000, timeWindow: MINUTE_MS });
  return app;
}

function refuseWhileStopping(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    if (app.server.listening) return;
    reply.header('Retry-After', '5');
    throw new ApiError(503, 'stopping', 'The server is stopping. Try again in a moment.');
  });
  // A kept-alive connection would delay the stop until its grace period ends.
  app.addHook('onSend', async (_request, reply) => {
    if (!app.server.listening) reply.header('Connection', 'close');
  });
}

/**
 * Node checks for late requests at intervals, and swaps the two limits if that for headers exceeds
 * that for requests.
 */
function toTimeLimits({ headersTimeoutMs = MINUTE_MS, formTimeoutMs = HOUR_MS }: AppOptions) {
  const headersTimeout = Math.min(headersTimeoutMs, formTimeoutMs);
  return { headersTimeout, connectionsCheckingInterval: Math.min(30_000, headersTimeout) };
}
