import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Answers `Expect: 100-continue` when a route starts to read the body. A request that is refused
 * before gets its refusal instead: "[An origin server] MUST send [...] a final status code" without
 * 100, and need not wait for the body (RFC 9110, 10.1.1).
 */
export function continueWhenRead(app: FastifyInstance): void {
  app.server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    // The client may or may not send the body of a refused request, so that the next bytes have no
    // certain meaning.
    const { shouldKeepAlive } = response;
    response.shouldKeepAlive = false;
    message.once('resume', () => {
      if (response.headersSent) return;
      response.shouldKeepAlive = shouldKeepAlive;
      response.writeContinue();
    });
    app.server.emit('request', message, response);
  });
}
