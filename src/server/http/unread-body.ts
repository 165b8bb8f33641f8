import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hasBody, sendConnectionError } from './error-responses.ts';
import { LONG_LINGER, linger } from './linger.ts';

/**
 * Limits what a request costs whose body is not wanted, or comes from a stranger.
 *
 * Node would read the rest of a body for as long as a request may take, so that the connection can
 * carry another one.
 *
 * @param strangerMs how long a body may take to arrive while its sender is unknown.
 */
export function limitUnreadBodies(app: FastifyInstance, strangerMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request;
    if (!hasBody(request)) return;
    // Before Node's own listener, which would discard the body without counting it.
    reply.raw.prependOnceListener('finish', () => linger(raw, LONG_LINGER));
    // Routes that accept forms limit strangers themselves: a form may carry its credentials.
    if (!isForm(request)) endLate(app, raw, strangerMs);
  });
}

function endLate(app: FastifyInstance, message: IncomingMessage, maxMs: number): void {
  const timer = setTimeout(() => {
    if (message.complete) return;
    sendConnectionError(app, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }, message.socket);
  }, maxMs).unref();
  message.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
}

function isForm({ headers }: FastifyRequest): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}
