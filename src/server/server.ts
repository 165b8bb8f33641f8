import { mkdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { Auth, type Provider } from './auth/auth.ts';
import { ApiError } from './errors.ts';
import { type Faults, noFaults } from './faults.ts';
import { allowOrigins } from './http/cors.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { serveStaticApp } from './http/static-app.ts';
import { apiRoutes, refuse, refuseSocket } from './routes/api.ts';
import type { Context } from './routes/context.ts';
import { Batches } from './store/batches.ts';
import { KeyedMutex } from './store/keyed-mutex.ts';
import { UPLOAD_TYPES } from './uploads/form-fields.ts';
import { Sessions } from './uploads/sessions.ts';

/** How a server is run. */
export interface ServerOptions {
  /** Where everything lies; made if missing. */
  readonly dataDir: string;
  /** `basic` serves the basic level only: no extension, no batch lists. For tests of clients. */
  readonly level?: 'extended' | 'basic';
  /** The built app; none is served unless given, or before it is built. */
  readonly staticDir?: string;
  /** The whole body of a request, in bytes; 100 MiB unless given. */
  readonly maxBodyBytes?: number;
  readonly uploadTypes?: readonly string[];
  /** Of one upload; 100,000 unless given. */
  readonly maxChunks?: number;
  /** Of one upload in chunks, in bytes; 100 GiB unless given. */
  readonly maxUploadBytes?: number;
  /** Unfinished uploads of one user; 1000 unless given. */
  readonly maxOpenSessions?: number;
  /** All unfinished uploads of one user, in bytes; 200 GiB unless given. */
  readonly maxOpenBytes?: number;
  /** How long a connection may say nothing; two minutes unless given. */
  readonly idleTimeoutMs?: number;
  /** How long the head of a request may take; a minute unless given. */
  readonly headersTimeoutMs?: number;
  /** How long a whole request may take to come in, its form included; an hour unless given, as a slow link may need minutes. */
  readonly formTimeoutMs?: number;
  readonly tokenTtlSeconds?: number;
  readonly provider?: Provider | null;
  /** Other origins whose pages may call the API. */
  readonly allowedOrigins?: readonly string[];
  /** Other origins that the served app may call. */
  readonly connectSrc?: readonly string[];
  /** From one address; 6000 unless given. */
  readonly requestsPerMinute?: number;
  /** Of the log on stderr, which names no token and no code; silent unless given. */
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
  /** Takes no more requests, and gives those under way this long to end; no time unless given. */
  close(graceMs?: number): Promise<void>;
}

const FEATURES = ['idempotency_key', 'generation', 'chunk_offset', 'file_size', 'chunk_sha256', 'ticket', 'status'];
const HOUR_MS = 60 * 60_000;
const MIB = 1024 * 1024;

/** Builds a server on a data folder, with everything that lies there read. */
export async function createServer(options: ServerOptions): Promise<UploadServer> {
  const context = await createContext(options);
  const { auth, sessions, batches, faults } = context;
  const app = await buildApp(options, context);
  const collect = () => sessions.collect(Date.now()).catch((error: unknown) => app.log.error(error));
  const sweep = setInterval(collect, HOUR_MS).unref();
  const url = () => toUrl(app);
  return {
    app,
    faults,
    sessions,
    batches,
    url,
    async listen(port, host) {
      await app.listen({ port, host });
    },
    signInLink: (userId = 'owner') => `${url()}/#code=${auth.createCode(userId)}`,
    issueToken: (userId, ttlSeconds) => auth.issue(userId, auth.expiresAt(ttlSeconds)),
    async close(graceMs = 0) {
      clearInterval(sweep);
      const patience = setTimeout(() => app.server.closeAllConnections(), graceMs);
      await app.close();
      clearTimeout(patience);
      await batches.close();
    },
  };
}

async function buildApp(options: ServerOptions, context: Context): Promise<FastifyInstance> {
  const app = fastify({
    logger: {
      level: options.logLevel ?? 'silent',
      stream: process.stderr,
      redact: ['req.headers.authorization', 'req.headers.cookie'],
    },
    bodyLimit: 64 * 1024,
    http: timeLimits(options),
    requestTimeout: options.formTimeoutMs ?? HOUR_MS,
    connectionTimeout: options.idleTimeoutMs ?? 120_000,
    forceCloseConnections: 'idle',
    // One answers in our own words, below.
    return503OnClosing: false,
    // Nobody asks for heads, and the framework would read a whole file to answer with its head.
    exposeHeadRoutes: false,
    frameworkErrors: refuse,
    clientErrorHandler: refuseSocket,
  });
  app.setErrorHandler(refuse);
  app.addHook('onRequest', async (_request, reply) => {
    if (app.server.listening) return;
    reply.header('Retry-After', '5');
    throw new ApiError(503, 'stopping', 'The server is stopping. Try again in a moment.');
  });
  // AuthState open, the connection of a request that was under way would hold up the stop until its patience ends.
  app.addHook('onSend', async (_request, reply) => {
    if (!app.server.listening) reply.header('Connection', 'close');
  });
  await addSecurityHeaders(app, options.connectSrc ?? []);
  allowOrigins(app, options.allowedOrigins ?? []);
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 6000, timeWindow: 60_000 });
  await app.register(async (api) => apiRoutes(api, context), { prefix: '/api' });
  await serveStaticApp(app, options.staticDir);
  return app;
}

async function createContext(options: ServerOptions): Promise<Context> {
  const { dataDir, level = 'extended', maxBodyBytes = 100 * MIB, tokenTtlSeconds = 15 * 60 } = options;
  const { uploadTypes = UPLOAD_TYPES, maxChunks = 100_000, maxOpenSessions = 1000 } = options;
  const { maxUploadBytes = 100 * 1024 * MIB, maxOpenBytes = 200 * 1024 * MIB } = options;
  const tempDir = join(dataDir, 'temp');
  // What lies there belonged to requests that a stop cut off: none was acknowledged.
  await rm(tempDir, { recursive: true, force: true });
  await mkdir(tempDir, { recursive: true, mode: 0o700 });
  const hasExtensions = level === 'extended';
  const locks = new KeyedMutex();
  const auth = new Auth(dataDir, tokenTtlSeconds, options.provider ?? null);
  const batches = new Batches(dataDir);
  const quotas = { maxOpenSessions, maxOpenBytes, maxUploadBytes };
  const sessions = new Sessions({ dataDir, batches, hasExtensions, quotas, locks });
  await auth.load();
  await batches.load();
  await sessions.load();
  const fieldRules = { hasExtensions, uploadTypes, maxChunks };
  const features = hasExtensions ? FEATURES : [];
  return { auth, sessions, batches, faults: noFaults(), locks, fieldRules, tempDir, maxBodyBytes, features };
}

/** Node looks for late requests now and then only, and exchanges the two limits where a head may take longer than the whole. */
function timeLimits({ headersTimeoutMs = 60_000, formTimeoutMs = HOUR_MS }: ServerOptions) {
  const headersTimeout = Math.min(headersTimeoutMs, formTimeoutMs);
  return { headersTimeout, connectionsCheckingInterval: Math.min(30_000, headersTimeout) };
}

function toUrl(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  // Browsers treat http://localhost as secure, which a service worker needs; and nobody can visit "any address".
  const isHere = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(address);
  const host = family === 'IPv6' ? `[${address}]` : address;
  return `http://${isHere ? 'localhost' : host}:${port}`;
}
