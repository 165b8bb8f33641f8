import { join } from 'node:path';
import type { Provider } from './auth/auth.ts';
import { createServer, type ServerOptions } from './server.ts';
import { lockFolder } from './store/folder-lock.ts';

const { env } = process;
const dataDir = env.DATA_DIR ?? 'data';
/** Enough for a chunk that has all but arrived. */
const GRACE_MS = 8000;

try {
  const release = await lockFolder(dataDir);
  const server = await createServer(readOptions());
  await server.listen(Number(env.PORT ?? 4173), env.HOST ?? 'localhost');
  console.log(env.AUTH_JWKS_URL ? server.url() : `Open this link to sign in (it works once): ${server.signInLink()}`);
  const stop = async () => {
    await server.close(GRACE_MS);
    await release();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function readOptions(): ServerOptions {
  const numbers = {
    maxBodyBytes: readNumber('MAX_BODY_BYTES'),
    maxUploadBytes: readNumber('MAX_UPLOAD_BYTES'),
    maxOpenBytes: readNumber('MAX_OPEN_BYTES'),
    maxOpenSessions: readNumber('MAX_OPEN_SESSIONS'),
    requestsPerMinute: readNumber('REQUESTS_PER_MINUTE'),
    tokenTtlSeconds: readNumber('TOKEN_TTL_SECONDS'),
    idleTimeoutMs: readNumber('IDLE_TIMEOUT_SECONDS', 1000),
    headersTimeoutMs: readNumber('HEADERS_TIMEOUT_SECONDS', 1000),
    formTimeoutMs: readNumber('FORM_TIMEOUT_SECONDS', 1000),
  };
  return {
    dataDir,
    staticDir: join(import.meta.dirname, '../../dist'),
    logLevel: env.LOG_LEVEL ?? 'warn',
    provider: readProvider(),
    allowedOrigins: readList(env.ALLOWED_ORIGINS),
    connectSrc: readList(env.CONNECT_SRC),
    level: env.LEVEL === 'basic' || env.LEVEL === 'original' ? 'basic' : 'extended',
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
  };
}

/** A limit nobody can read is none at all: better not to start. */
function readNumber(name: string, unit = 1): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) * unit;
  throw new Error(`${name} must be a whole number above 0, and is “${text}”.`);
}

function readProvider(): Provider | null {
  const { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
  if (!jwksUrl) return null;
  if (issuer && audience) return { jwksUrl, issuer, audience };
  throw new Error(
    'AUTH_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: without them any token of that provider would do.',
  );
}

function readList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
