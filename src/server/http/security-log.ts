import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    readonly securityLog: SecurityLog;
  }
  interface FastifyRequest {
    /** The user of a valid access token, or the link of a guest. */
    userId: string | null;
  }
}

/** The refusals that may be an attack. */
const EVENTS: readonly string[] = [
  'unauthorized',
  'bad_code',
  'too_many_requests',
  'request_timeout',
  'headers_too_large',
];

/** How often an event of one address and user is written: an attack must not fill the disk. */
const INTERVAL_MS = 60_000;
const MAX_REMEMBERED = 10_000;

type Details = Readonly<Record<string, unknown>>;

/** Writes who was refused, at what and why. */
export class SecurityLog {
  readonly #log: FastifyBaseLogger;
  readonly #count: (event: string) => void;
  readonly #writtenAt = new Map<string, number>();

  /** @param count receives every event, also those that are not written. */
  constructor(log: FastifyBaseLogger, count: (event: string) => void) {
    this.#log = log;
    this.#count = count;
  }

  recordRefusal(request: FastifyRequest, { code: event, message }: ApiError): void {
    if (!EVENTS.includes(event)) return;
    const { headers } = request;
    // A visitor without credentials is no attack.
    if (event === 'unauthorized' && headers.authorization === undefined && headers.cookie === undefined) return;
    this.recordFinding(request, event, message);
  }

  /** Records what a route has found out. @param facts replace those of the request. */
  recordFinding(request: FastifyRequest, event: string, why: string, facts: Details = {}): void {
    const { ip, userId, method, routeOptions } = request;
    this.#record(event, ip, { userId, method, route: routeOptions.url ?? null, why, ...facts });
  }

  /** Records the refusal of a connection that carried no valid request. */
  recordConnection({ remoteAddress = '', bytesRead }: Socket, event: string, why: string): void {
    // Browsers open connections before they need them.
    if (bytesRead > 0 && EVENTS.includes(event)) this.#record(event, remoteAddress, { why });
  }

  #record(event: string, address: string, details: Details): void {
    this.#count(event);
    const key = `${event} ${address} ${details.userId ?? ''}`;
    const now = Date.now();
    if (now - (this.#writtenAt.get(key) ?? 0) < INTERVAL_MS) return;
    if (this.#writtenAt.size >= MAX_REMEMBERED) this.#writtenAt.clear();
    this.#writtenAt.set(key, now);
    this.#log.warn({ event, address, ...details }, 'security');
  }
}

/** Makes the log available to all routes. */
export function addSecurityLog(app: FastifyInstance, count: (event: string) => void): void {
  app.decorate('securityLog', new SecurityLog(app.log, count));
  app.decorateRequest('userId', null);
}
