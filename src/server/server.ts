import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { toSignInUrl } from './auth/sign-in-links.ts';
import { GuestAuth } from './guests/guest-auth.ts';
import { GuestLinks } from './guests/guest-links.ts';
import { createApp, STRANGER_MS } from './http/app.ts';
import { limitCallers } from './http/caller-limits.ts';
import { type PublicUrl, toListeningUrl } from './http/public-url.ts';
import { serveStaticApp } from './http/static-app.ts';
import { Readiness } from './readiness.ts';
import { apiRoutes } from './routes/api.ts';
import type { ApiContext, CookiePlace } from './routes/api-context.ts';
import type { ServerOptions } from './server-options.ts';
import { createServices, getMaxUploadBytes, getMinFreeBytes, hasExtensions, type Services } from './services.ts';
import { FileLists } from './uploads/file-lists.ts';
import { IncomingChunks } from './uploads/incoming-chunks.ts';
import { UPLOAD_TYPES } from './uploads/upload-types.ts';

/** The parts of a server. */
export interface ServerParts extends Services {
  /** Without routes. */
  readonly app: FastifyInstance;
}

/** A server that is ready to listen. */
export interface UploadServer extends ServerParts {
  listen(port: number, host: string): Promise<void>;
  /** `http://host:port`, once it listens. */
  url(): string;
  /** A link that signs a user in, within 15 minutes. */
  signInLink(userId?: string): string;
  issueToken(userId: string, ttlSeconds?: number): Promise<string>;
  /** Stops accepting requests and gives those in flight this long to finish; no time by default. */
  close(graceMs?: number): Promise<void>;
}

const HOUR_MS = 60 * 60_000;
const MIB = 1024 * 1024;

/**
 * Creates a server and reads what it stores.
 *
 * @param given replaces parts, such as the storage in the data folder.
 */
export async function createServer(options: ServerOptions, given: Partial<ServerParts> = {}): Promise<UploadServer> {
  const app = given.app ?? (await createApp(options));
  const services = await createServices(options, given, app.log);
  const { auth, cleanUp, storage } = services;
  const incoming = new IncomingChunks();
  const context = toApiContext(options, services, incoming);
  const guests = new GuestAuth(context.guestLinks);
  await app.register(
    async (api) => {
      limitCallers(api, {
        requestsPerMinute: options.userRequestsPerMinute ?? 6000,
        authenticate: (request) => auth.authenticate(request),
      });
      limitCallers(api, {
        requestsPerMinute: options.guestRequestsPerMinute ?? 1200,
        authenticate: (request) => guests.authenticate(request),
      });
      apiRoutes(api, context);
    },
    { prefix: '/api' },
  );
  await serveStaticApp(app, options.staticDir);
  const runCleanUp = () => cleanUp.run(Date.now()).catch((error: unknown) => app.log.error(error));
  await runCleanUp();
  const timer = setInterval(runCleanUp, HOUR_MS).unref();
  return {
    ...services,
    app,
    url: () => toUrl(app),
    async listen(port, host) {
      await app.listen({ port, host });
    },
    signInLink(userId = 'owner') {
      const { code, saved } = auth.links.create(userId);
      saved.catch((error: unknown) => app.log.error(error));
      return toSignInUrl(toPublicUrl(app, options), code);
    },
    issueToken(userId, ttlSeconds) {
      return auth.accessTokens.issue({ userId, familyId: null }, auth.accessTokens.getExpiry(ttlSeconds));
    },
    async close(graceMs = 0) {
      clearInterval(timer);
      const grace = setTimeout(() => app.server.closeAllConnections(), graceMs);
      await app.close();
      clearTimeout(grace);
      // The bytes of requests that were cut are still being stored.
      await incoming.whenEnded();
      await auth.links.whenSaved();
      await storage.close();
    },
  };
}

function toApiContext(
  options: ServerOptions,
  { auth, uploads, cleanUp, storage }: Services,
  incoming: IncomingChunks,
): ApiContext {
  const {
    uploadTypes = UPLOAD_TYPES,
    maxChunks = 100_000,
    maxBodyBytes = 100 * MIB,
    strangerMs = STRANGER_MS,
  } = options;
  const fieldRules = { hasExtensions: hasExtensions(options), uploadTypes, maxChunks };
  const { bytes } = storage;
  const minFreeBytes = getMinFreeBytes(options) + maxBodyBytes;
  return {
    auth,
    guestLinks: new GuestLinks(storage.guestLinks),
    refreshCookie: toCookiePlace(options.publicUrl ?? null),
    readiness: new Readiness({ bytes, dataDir: options.dataDir, minFreeBytes }),
    uploads,
    cleanUp,
    incoming,
    bytes,
    fileLists: new FileLists(storage),
    fieldRules,
    maxBodyBytes,
    maxUploadBytes: getMaxUploadBytes(options),
    strangerMs,
  };
}

/**
 * "__Host-" keeps out cookies of other hosts and needs the path `/`. Under a path, other apps of
 * the host must not receive the cookie.
 */
function toCookiePlace(publicUrl: PublicUrl | null): CookiePlace {
  const path = `${publicUrl?.basePath ?? ''}/api/auth`;
  if (!publicUrl?.isSecure) return { name: 'refresh', path, isSecure: false };
  if (publicUrl.basePath !== '') return { name: '__Secure-refresh', path, isSecure: true };
  return { name: '__Host-refresh', path: '/', isSecure: true };
}

function toPublicUrl(app: FastifyInstance, { publicUrl }: ServerOptions): string {
  return publicUrl ? `${publicUrl.origin}${publicUrl.basePath}` : toUrl(app);
}

function toUrl(app: FastifyInstance): string {
  const { address, port } = app.server.address() as AddressInfo;
  return toListeningUrl(address, port);
}
