import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';
import { limitConnections } from './connections.ts';
import { allowOrigins } from './cors.ts';
import { sendConnectionError, sendError, sendFrameworkError } from './error-responses.ts';
import { continueWhenRead } from './expect-continue.ts';
import type { Metrics } from './metrics.ts';
import { createProxyCheck, type PublicUrl, removeBasePath } from './public-url.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { addSecurityLog } from './security-log.ts';
import { limitUnreadBodies } from './unread-body.ts';

/** The options of the HTTP server. */
export interface AppOptions {
  /** How long a connection may stay silent; 2 minutes by default. */
  readonly idleTimeoutMs?: number;
  /** How long the headers of a request may take; 10 seconds by default. */
  readonly headersTimeoutMs?: number;
  /** How long a body may take to arrive while its sender is unknown; 10 seconds by default. */
  readonly strangerMs?: number;
  /**
   * The connections of one address, or its requests in progress behind a proxy; 256 by default.
   */
  readonly maxConnections?: number;
  /**
   * How long a whole request may take; 1 hour by default, because a slow connection needs minutes
   * for a chunk.
   */
  readonly formTimeoutMs?: number;
  /** Other origins whose pages may call the API. */
  readonly allowedOrigins?: readonly string[];
  /** Other origins that the served app may call. */
  readonly connectSrc?: readonly string[];
  /** The identity provider, which the served app calls if it has a client there. */
  readonly provider?: { readonly issuer: string; readonly client: object | null } | null;
  /** The request limit of one address; 6000 by default. */
  readonly requestsPerMinute?: number;
  /** The request limit of one user; 6000 by default. */
  readonly userRequestsPerMinute?: number;
  /** The request limit of the guests of one link; 1200 by default. */
  readonly guestRequestsPerMinute?: number;
  /** Addresses and networks of proxies, which name their clients in `X-Forwarded-For`. */
  readonly trustedProxies?: readonly string[];
  /** Counts requests and events; none by default. */
  readonly metrics?: Metrics;
  /** Where clients reach the server; its own address by default. */
  readonly publicUrl?: PublicUrl | null;
  /** The level of the log on stderr, which has no tokens and codes; `silent` by default. */
  readonly logLevel?: string;
}

/** The time that a request without credentials may take. */
export const STRANGER_MS = 10_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Creates the Fastify instance with everything but routes. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { publicUrl = null, trustedProxies = [] } = options;
  const isProxy = createProxyCheck(trustedProxies);
  const app: FastifyInstance = fastify({
    trustProxy: trustedProxies.length > 0 && isProxy,
    rewriteUrl: ({ url = '/' }) => removeBasePath(url, publicUrl?.basePath ?? ''),
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
    frameworkErrors: sendFrameworkError,
    clientErrorHandler: (error, socket) => sendConnectionError(app, error, socket),
  });
  addSecurityLog(app, (event) => options.metrics?.countEvent(event));
  options.metrics?.observe(app);
  app.setErrorHandler(sendError);
  continueWhenRead(app);
  limitUnreadBodies(app, options.strangerMs ?? STRANGER_MS);
  refuseWhileStopping(app);
  completeBasePath(app, publicUrl?.basePath ?? '');
  limitConnections(app, { maxConnections: options.maxConnections ?? 256, isProxy });
  await addSecurityHeaders(app, { connectSrc: toConnectSrc(options), isSecure: publicUrl?.isSecure ?? false });
  allowOrigins(app, options.allowedOrigins ?? []);
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 6000, timeWindow: MINUTE_MS });
  return app;
}

function toConnectSrc({ connectSrc = [], provider = null }: AppOptions): readonly string[] {
  return provider?.client ? [...connectSrc, new URL(provider.issuer).origin] : connectSrc;
}

/** Relative URLs of the app need the slash after the base path. */
function completeBasePath(app: FastifyInstance, basePath: string): void {
  if (basePath === '') return;
  app.addHook('onRequest', async ({ originalUrl }, reply) => {
    const [path, ...query] = originalUrl.split('?');
    if (path === basePath) return reply.redirect([`${basePath}/`, ...query].join('?'));
  });
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
function toTimeLimits({ headersTimeoutMs = STRANGER_MS, formTimeoutMs = HOUR_MS }: AppOptions) {
  const headersTimeout = Math.min(headersTimeoutMs, formTimeoutMs);
  return { headersTimeout, connectionsCheckingInterval: Math.min(1000, headersTimeout) };
}
