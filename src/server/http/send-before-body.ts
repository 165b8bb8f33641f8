import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';

/** How much a client may still send, and for how long, before the connection closes. */
const LINGER_BYTES = 64 * 1024;
const LINGER_MS = 500;

/**
 * Sends JSON in response to a request whose body still arrives, and closes the connection.
 *
 * Bytes that arrive at a closed connection cause a reset, which may reach the client before it has
 * read the response. "A server [...] performs a half-close by closing only the write side [...] and
 * then continues to read" (RFC 9112, 9.6).
 */
export function sendBeforeBody(json: string, message: IncomingMessage, reply: FastifyReply): FastifyReply {
  reply.headers({
    Connection: 'close',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
  });
  // Fastify would close both sides.
  const { raw } = reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.writeHead(reply.statusCode);
  raw.write(json, () => {
    message.socket.end();
    linger(message);
  });
  return reply;
}

function linger(message: IncomingMessage): void {
  const close = () => {
    clearTimeout(timer);
    message.socket.destroy();
  };
  const timer = setTimeout(close, LINGER_MS);
  let bytes = 0;
  message.once('close', close).on('data', (data: Buffer) => {
    bytes += data.length;
    if (bytes > LINGER_BYTES) close();
  });
  message.resume();
}
