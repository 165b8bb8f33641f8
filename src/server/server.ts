import { mkdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { Auth, type Provider } from './auth.ts';
import { Batches } from './batches.ts';
import type { Context } from './context.ts';
import { ApiError, asApiError } from './errors.ts';
import { type Faults, noFaults } from './faults.ts';
import { allowOrigins, serveApp } from './pages.ts';
import { authRoutes } from './routes-auth.ts';
import { batchRoutes } from './routes-batches.ts';
import { uploadRoutes } from './routes-upload.ts';
import { Sessions } from './sessions.ts';

/** How a server is run. */
export interface ServerOptions {
  /** Where everything lies; made if missing. */
  readonly dataDir: string;
  /** `original` knows nothing but the original API; for tests of clients. */
  readonly level?: 'exact' | 'original';
  /** The built app; none is served unless given. */
  readonly staticDir?: string;
  /** The whole body of a request, in bytes; 100 MiB unless given. */
  readonly maxBodyBytes?: number;
  readonly tokenTtlSeconds?: number;
  readonly provider?: Provider | null;
  /** Other origins whose pages may call the API. */
  readonly allowedOrigins?: readonly string[];
  /** Other origins that the served app may call. */
  readonly connectSrc?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly logLevel?: string;
}

/** A running server. */
export interface UploadServer {
  readonly app: FastifyInstance;
  readonly faults: Faults;
  readonly sessions: Sessions;
  readonly batches: Batches;
  listen(port: number, host: string): Promise<void>;
  /** `http://host:port`, once it listens. */
  url(): string;
  /** A link that signs a user in once. */
  signInLink(userId?: string): string;
  issueToken(userId: string, ttlSeconds?: number): Promise<string>;
  close(): Promise<void>;
}

const FEATURES = ['idempotency_key', 'generation', 'chunk_offset', 'file_size', 'chunk_sha256', 'ticket'];
const HOUR_MS = 60 * 60_000;

/** Builds a server on a data folder, with everything that lies there read. */
export async function createServer(options: ServerOptions): Promise<UploadServer> {
  const context = await contextOf(options);
  const { auth, sessions, batches, faults } = context;
  const app = fastify({
    logger: { level: options.logLevel ?? 'silent', redact: ['req.headers.authorization', 'req.headers.cookie'] },
    bodyLimit: 64 * 1024,
    // A slow link may need minutes for one chunk.
    requestTimeout: 0,
    forceCloseConnections: true,
  });
  await protect(app, options);
  await app.register(async (api) => routes(api, context), { prefix: '/api' });
  if (options.staticDir) await serveApp(app, options.staticDir);
  const sweep = setInterval(() => void sessions.collect(Date.now()), HOUR_MS).unref();
  const url = () => urlOf(app);
  return {
    app,
    faults,
    sessions,
    batches,
    url,
    async listen(port, host) {
      await app.listen({ port, host });
    },
    signInLink: (userId = 'owner') => `${url()}/#code=${auth.newCode(userId)}`,
    issueToken: (userId, ttlSeconds) => auth.issue(userId, ttlSeconds),
    async close() {
      clearInterval(sweep);
      await app.close();
      await batches.close();
    },
  };
}

async function contextOf(options: ServerOptions): Promise<Context> {
  const { dataDir, level = 'exact', maxBodyBytes = 100 * 1024 * 1024, tokenTtlSeconds = 15 * 60 } = options;
  const tempDir = join(dataDir, 'temp');
  // What lies there belonged to requests that a stop cut off: none was acknowledged.
  await rm(tempDir, { recursive: true, force: true });
  await mkdir(tempDir, { recursive: true, mode: 0o700 });
  const auth = new Auth(dataDir, tokenTtlSeconds, options.provider ?? null);
  const batches = new Batches(dataDir);
  const sessions = new Sessions(dataDir, batches, level === 'exact');
  await auth.load();
  await batches.load();
  await sessions.load();
  const features = level === 'exact' ? FEATURES : [];
  return { auth, sessions, batches, faults: noFaults(), tempDir, maxBodyBytes, features };
}

async function protect(app: FastifyInstance, options: ServerOptions): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        connectSrc: ["'self'", ...(options.connectSrc ?? [])],
        imgSrc: ["'self'", 'blob:', 'data:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // Plain http on localhost must go on working; a proxy in front adds this where there is TLS.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy: 'same-site' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 6000, timeWindow: 60_000 });
  allowOrigins(app, options.allowedOrigins ?? []);
}

function routes(api: FastifyInstance, context: Context): void {
  // The bodies are read by the routes, as streams.
  api.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  api.setErrorHandler((error, request, reply) => {
    const { status, code, message, extra } = asApiError(error);
    if (status >= 500) request.log.error(error);
    if (status === 413) reply.header('Connection', 'close');
    return reply.code(status).send({ error: code, message, ...extra });
  });
  api.setNotFoundHandler(() => {
    throw new ApiError(404, 'not_found', 'There is no such route.');
  });
  api.addHook('onRequest', async (request, reply) => {
    const fault = context.faults.before?.(request);
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault?.kind === 'drop') {
      reply.hijack();
      request.raw.socket.destroy();
    }
    if (fault?.kind === 'status') {
      request.raw.resume();
      if (fault.retryAfter) reply.header('Retry-After', fault.retryAfter);
      throw new ApiError(fault.status, fault.code ?? 'fault', `A test has this answered with ${fault.status}.`);
    }
  });
  api.get('/health', async () => ({ ok: true }));
  authRoutes(api, context);
  uploadRoutes(api, context);
  if (context.features.length > 0) batchRoutes(api, context);
}

function urlOf(app: FastifyInstance): string {
  const { address, port } = app.server.address() as AddressInfo;
  // Browsers treat http://localhost as secure, which a service worker needs.
  return `http://${address === '127.0.0.1' || address === '::1' ? 'localhost' : address}:${port}`;
}
