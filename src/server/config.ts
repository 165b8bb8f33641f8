import { join } from 'node:path';
import * as v from 'valibot';
import { isProtectedUrl, type ProviderOptions, URL_RULE } from './auth/identity-provider.ts';
import { findMisspelled } from './config-names.ts';
import { isNetwork, parsePublicUrl } from './http/public-url.ts';
import type { ServerOptions } from './server-options.ts';

/** The configuration of the server process. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly server: ServerOptions;
  /** Where the metrics are served; null when they are not. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** Variables that have no effect although they look like one of the server. */
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_SECONDS = 365 * 24 * 60 * 60;

const wholeNumber = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,14}$/, 'must be a whole number above 0'),
  v.transform((text) => Number(text)),
);
const milliseconds = v.pipe(
  wholeNumber,
  v.maxValue(MAX_SECONDS, `must be at most ${MAX_SECONDS}`),
  v.transform((seconds) => seconds * 1000),
);
const list = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((item) => item.trim())),
  v.transform((items) => items.filter((item) => item !== '')),
);
const listOf = (is: (item: string) => boolean, rule: string) =>
  v.pipe(
    list,
    v.check((items) => items.every(is), `must be ${rule}, with commas between them`),
  );

const port = v.pipe(
  v.string(),
  v.check((text) => /^\d{1,5}$/.test(text) && Number(text) < 65536, 'must be a port from 0 to 65535'),
  v.transform((text) => Number(text)),
);

const variables = v.object({
  HOST: v.optional(v.string(), 'localhost'),
  PORT: v.optional(port, '4173'),
  METRICS_HOST: v.optional(v.string(), '127.0.0.1'),
  METRICS_PORT: v.optional(port),
  DATA_DIR: v.optional(v.string(), 'data'),
  // `original` is the name of the basic level in earlier versions.
  LEVEL: v.optional(v.picklist(['extended', 'basic', 'original'], 'must be extended or basic'), 'extended'),
  LOG_LEVEL: v.optional(
    v.picklist(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    ),
    'warn',
  ),
  PUBLIC_URL: v.optional(v.pipe(v.string(), v.check(isPublicUrl, 'must be an http or https URL without query'))),
  TRUSTED_PROXIES: v.optional(listOf(isNetwork, 'IP addresses or networks such as 10.0.0.0/8'), ''),
  ALLOWED_ORIGINS: v.optional(listOf(isOrigin, 'origins such as https://app.example'), ''),
  CONNECT_SRC: v.optional(listOf(isSource, 'origins such as https://files.example'), ''),
  AUTH_JWKS_URL: v.optional(v.pipe(v.string(), v.check(isProtectedUrl, URL_RULE))),
  AUTH_ISSUER: v.optional(v.pipe(v.string(), v.check(isProtectedUrl, URL_RULE))),
  AUTH_AUDIENCE: v.optional(v.string()),
  AUTH_CLIENT_ID: v.optional(v.string()),
  AUTH_SCOPE: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => text.split(' ').includes('openid'), 'must contain openid'),
    ),
    'openid profile offline_access',
  ),
  AUTH_RESOURCE: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => URL.canParse(text), 'must be a URL'),
    ),
  ),
  TOKEN_TTL_SECONDS: v.optional(wholeNumber),
  MAX_BODY_BYTES: v.optional(wholeNumber),
  MAX_UPLOAD_BYTES: v.optional(wholeNumber),
  MAX_OPEN_BYTES: v.optional(wholeNumber),
  MAX_OPEN_SESSIONS: v.optional(wholeNumber),
  MAX_USER_BYTES: v.optional(wholeNumber),
  MIN_FREE_BYTES: v.optional(wholeNumber),
  RETENTION_DAYS: v.optional(wholeNumber),
  MAX_CONNECTIONS: v.optional(wholeNumber),
  REQUESTS_PER_MINUTE: v.optional(wholeNumber),
  USER_REQUESTS_PER_MINUTE: v.optional(wholeNumber),
  GUEST_REQUESTS_PER_MINUTE: v.optional(wholeNumber),
  IDLE_TIMEOUT_SECONDS: v.optional(milliseconds),
  HEADERS_TIMEOUT_SECONDS: v.optional(milliseconds),
  FORM_TIMEOUT_SECONDS: v.optional(milliseconds),
});

type Variables = v.InferOutput<typeof variables>;

/**
 * Reads the configuration from environment variables. An empty variable counts as missing.
 *
 * @throws Error that names every value that cannot be used: a server without the intended limits
 *   must not start.
 */
export function readConfig(env: Environment): Config {
  const given: Environment = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const result = v.safeParse(variables, given);
  const problems = [...(result.issues ?? []).map((issue) => describe(issue, given)), ...checkProvider(given)];
  if (!result.success || problems.length > 0) throw new Error(problems.join('\n'));
  const { HOST, PORT, METRICS_HOST, METRICS_PORT } = result.output;
  return {
    host: HOST,
    port: PORT,
    server: toServerOptions(result.output),
    metrics: METRICS_PORT === undefined ? null : { host: METRICS_HOST, port: METRICS_PORT },
    warnings: findMisspelled(Object.keys(given), Object.keys(variables.entries)),
  };
}

function toServerOptions(given: Variables): ServerOptions {
  const optional = {
    maxBodyBytes: given.MAX_BODY_BYTES,
    maxUploadBytes: given.MAX_UPLOAD_BYTES,
    maxOpenBytes: given.MAX_OPEN_BYTES,
    maxOpenSessions: given.MAX_OPEN_SESSIONS,
    maxUserBytes: given.MAX_USER_BYTES,
    minFreeBytes: given.MIN_FREE_BYTES,
    retentionDays: given.RETENTION_DAYS,
    maxConnections: given.MAX_CONNECTIONS,
    requestsPerMinute: given.REQUESTS_PER_MINUTE,
    userRequestsPerMinute: given.USER_REQUESTS_PER_MINUTE,
    guestRequestsPerMinute: given.GUEST_REQUESTS_PER_MINUTE,
    tokenTtlSeconds: given.TOKEN_TTL_SECONDS,
    idleTimeoutMs: given.IDLE_TIMEOUT_SECONDS,
    headersTimeoutMs: given.HEADERS_TIMEOUT_SECONDS,
    formTimeoutMs: given.FORM_TIMEOUT_SECONDS,
  };
  return {
    dataDir: given.DATA_DIR,
    staticDir: join(import.meta.dirname, '../../dist'),
    logLevel: given.LOG_LEVEL,
    provider: toProvider(given),
    publicUrl: given.PUBLIC_URL === undefined ? null : parsePublicUrl(given.PUBLIC_URL),
    trustedProxies: given.TRUSTED_PROXIES,
    allowedOrigins: given.ALLOWED_ORIGINS,
    connectSrc: given.CONNECT_SRC,
    level: given.LEVEL === 'extended' ? 'extended' : 'basic',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

function describe(issue: v.BaseIssue<unknown>, given: Environment): string {
  const name = v.getDotPath(issue) ?? '';
  return `${name} ${issue.message}, and is “${given[name]}”.`;
}

function checkProvider({ AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_CLIENT_ID }: Environment): string[] {
  if (AUTH_CLIENT_ID && !AUTH_JWKS_URL) return ['AUTH_CLIENT_ID needs AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE.'];
  if (!AUTH_JWKS_URL || (AUTH_ISSUER && AUTH_AUDIENCE)) return [];
  return ['AUTH_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: otherwise any token of the provider is accepted.'];
}

function toProvider(given: Variables): ProviderOptions | null {
  const { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_CLIENT_ID: id } = given;
  if (!jwksUrl || !issuer || !audience) return null;
  const client = id ? { id, scope: given.AUTH_SCOPE, resource: given.AUTH_RESOURCE ?? null } : null;
  return { jwksUrl, issuer, audience, client };
}

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, username } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && search === '' && hash === '' && username === '';
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Whether a text can stand in a Content-Security-Policy. */
function isSource(text: string): boolean {
  return /^[\w.:/*-]+$/.test(text);
}
