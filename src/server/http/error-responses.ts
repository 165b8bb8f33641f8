import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EarlyRefusal, toApiError, toConnectionError } from '../errors.ts';
import { LONG_LINGER, SHORT_LINGER } from './linger.ts';
import { sendBeforeBody } from './send-before-body.ts';

/** Responds to whatever a route threw: `{"error": code, "message": text}`. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = toApiError(error);
  const { status, code, message, extra, retryAfterSeconds } = refusal;
  request.server.securityLog.recordRefusal(request, refusal);
  if (status >= 500) request.log.error(error);
  if (retryAfterSeconds !== null) reply.header('Retry-After', String(retryAfterSeconds));
  const body = { error: code, message, ...extra };
  reply.code(status).header('Cache-Control', 'no-store');
  const how = error instanceof EarlyRefusal ? SHORT_LINGER : LONG_LINGER;
  const isUnwanted = error instanceof EarlyRefusal || status === 413;
  return isUnwanted ? sendBeforeBody(JSON.stringify(body), request.raw, reply, how) : reply.send(body);
}

/** Responds to a request for which no hook runs, such as one with a malformed URL. */
export function sendFrameworkError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendError(hasBody(request) ? new EarlyRefusal(toApiError(error)) : error, request, reply);
}

/** Whether a request announces a body. */
export function hasBody({ headers }: FastifyRequest): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

/**
 * Responds on a connection whose data is not a request, or arrived too slowly. A closed connection
 * gets nothing.
 */
export function sendConnectionError(app: FastifyInstance, error: { code?: string }, socket: Socket): void {
  const { status, code, message } = toConnectionError(error.code);
  app.securityLog.recordConnection(socket, code, message);
  const body = JSON.stringify({ error: code, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  if (error.code !== 'ECONNRESET' && socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
