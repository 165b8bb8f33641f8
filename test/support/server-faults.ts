import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../../src/server/errors.ts';

/** A fault of one request. */
export type Fault =
  | { readonly kind: 'delay'; readonly delayMs: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly retryAfter?: string;
    }
  | { readonly kind: 'drop' };

/** The faults of a server; none by default. */
export interface Faults {
  /** Called before a request of the API is read. */
  before: ((request: FastifyRequest) => Fault | undefined) | undefined;
  /**
   * Called when the work of a request is durable and only the response is missing: true loses the
   * response.
   */
  dropAnswer: ((request: FastifyRequest) => boolean) | undefined;
}

/** Adds faults to a server that has no routes yet. */
export function addFaults(app: FastifyInstance): Faults {
  const faults: Faults = { before: undefined, dropAnswer: undefined };
  app.addHook('onRequest', async (request, reply) => {
    if (isOfApi(request)) await injectFault(faults, request, reply);
  });
  app.addHook('onSend', async (request, reply) => {
    if (isResult(request, reply) && faults.dropAnswer?.(request)) await loseResponse(request, reply);
  });
  return faults;
}

function isOfApi({ url }: FastifyRequest): boolean {
  return url.startsWith('/api/');
}

/** Not a refusal, a download or an empty response. */
function isResult(request: FastifyRequest, reply: FastifyReply): boolean {
  const isJson = String(reply.getHeader('Content-Type')).startsWith('application/json');
  return isJson && reply.statusCode === 200 && request.url.startsWith('/api/batches');
}

async function injectFault({ before }: Faults, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const fault = before?.(request);
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.kind === 'drop') {
    reply.hijack();
    request.raw.socket.destroy();
  }
  if (fault?.kind === 'status') {
    request.raw.resume();
    reply.header('Cache-Control', 'no-store');
    if (fault.retryAfter) reply.header('Retry-After', fault.retryAfter);
    const { status, code = 'fault', message = `A test responds with ${status}.` } = fault;
    throw new ApiError(status, code, message);
  }
}

/**
 * Sends the head of a response before the cut: Chromium would send the request again after a cut
 * without one.
 */
async function loseResponse(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(200, { 'Content-Length': 100, 'Access-Control-Allow-Origin': request.headers.origin ?? '*' });
  reply.raw.write('{', () => request.raw.socket.destroy());
  // Fastify must not send the response as well.
  await new Promise(() => undefined);
}
