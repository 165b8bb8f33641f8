import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, asApiError, asSocketError } from '../errors.ts';
import { authRoutes } from './auth.ts';
import { batchRoutes } from './batches.ts';
import type { Context } from './context.ts';
import { sessionRoutes } from './sessions.ts';
import { uploadRoutes } from './upload.ts';

/** Every route of the API, at the level of the context. */
export function apiRoutes(api: FastifyInstance, context: Context): void {
  // The bodies are read by the routes, as streams.
  api.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  api.setNotFoundHandler(() => {
    throw new ApiError(404, 'not_found', 'There is no such route.');
  });
  api.addHook('onRequest', async (_request, reply) => void reply.header('Cache-Control', 'no-store'));
  api.addHook('onRequest', (request, reply) => injectFault(context, request, reply));
  api.get('/health', async () => ({ ok: true }));
  if (context.auth.isOwn) authRoutes(api, context);
  uploadRoutes(api, context);
  if (!context.fieldRules.hasExtensions) return;
  sessionRoutes(api, context);
  batchRoutes(api, context);
}

/** Answers whatever was thrown as a refusal with a code. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, message, extra } = asApiError(error);
  if (status >= 500) request.log.error(error);
  if (status === 413) reply.header('Connection', 'close');
  return reply.code(status).send({ error: code, message, ...extra });
}

/** Answers what is not even a request of HTTP, or too slow to become one; a connection that is gone gets nothing. */
export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  const { status, code, message } = asSocketError(error.code);
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

async function injectFault({ faults }: Context, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const fault = faults.before?.(request);
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.kind === 'drop') {
    reply.hijack();
    request.raw.socket.destroy();
  }
  if (fault?.kind === 'status') {
    request.raw.resume();
    if (fault.retryAfter) reply.header('Retry-After', fault.retryAfter);
    const { status, code = 'fault', message = `A test has this answered with ${status}.` } = fault;
    throw new ApiError(status, code, message);
  }
}
