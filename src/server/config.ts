import { join } from 'node:path';
import type { ProviderOptions } from './auth/identity-provider.ts';
import type { ServerOptions } from './server-options.ts';

/** The configuration of the server process. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly server: ServerOptions;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from environment variables.
 *
 * @throws Error when a value cannot be used: a server without the intended limits must not start.
 */
export function readConfig(env: Environment): Config {
  const limits = {
    maxBodyBytes: readNumber(env, 'MAX_BODY_BYTES'),
    maxUploadBytes: readNumber(env, 'MAX_UPLOAD_BYTES'),
    maxOpenBytes: readNumber(env, 'MAX_OPEN_BYTES'),
    maxOpenSessions: readNumber(env, 'MAX_OPEN_SESSIONS'),
    maxUserBytes: readNumber(env, 'MAX_USER_BYTES'),
    minFreeBytes: readNumber(env, 'MIN_FREE_BYTES'),
    retentionDays: readNumber(env, 'RETENTION_DAYS'),
    requestsPerMinute: readNumber(env, 'REQUESTS_PER_MINUTE'),
    tokenTtlSeconds: readNumber(env, 'TOKEN_TTL_SECONDS'),
    idleTimeoutMs: readNumber(env, 'IDLE_TIMEOUT_SECONDS', 1000),
    headersTimeoutMs: readNumber(env, 'HEADERS_TIMEOUT_SECONDS', 1000),
    formTimeoutMs: readNumber(env, 'FORM_TIMEOUT_SECONDS', 1000),
  };
  const server: ServerOptions = {
    dataDir: env.DATA_DIR ?? 'data',
    staticDir: join(import.meta.dirname, '../../dist'),
    logLevel: env.LOG_LEVEL ?? 'warn',
    provider: readProvider(env),
    allowedOrigins: readList(env.ALLOWED_ORIGINS),
    connectSrc: readList(env.CONNECT_SRC),
    // `original` is the name of the basic level in earlier versions.
    level: env.LEVEL === 'basic' || env.LEVEL === 'original' ? 'basic' : 'extended',
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
  };
  return { host: env.HOST ?? 'localhost', port: Number(env.PORT ?? 4173), server };
}

function readNumber(env: Environment, name: string, unit = 1): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) * unit;
  throw new Error(`${name} must be a whole number above 0, and is “${text}”.`);
}

function readProvider(env: Environment): ProviderOptions | null {
  const { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
  if (!jwksUrl) return null;
  if (issuer && audience) return { jwksUrl, issuer, audience };
  throw new Error(
    'AUTH_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: otherwise any token of the provider is accepted.',
  );
}

function readList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
