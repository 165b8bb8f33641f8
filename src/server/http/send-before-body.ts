import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import { type Linger, linger } from './linger.ts';

/**
 * Sends JSON in response to a request whose body still arrives, and closes the connection.
 *
 * Bytes that arrive at a closed connection cause a reset, which may reach the client before it has
 * read the response. "A server [...] performs a half-close by closing only the write side [...] and
 * then continues to read" (RFC 9112, 9.6).
 */
export function sendBeforeBody(json: string, message: IncomingMessage, reply: FastifyReply, how: Linger): FastifyReply {
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
    if (message.complete) return message.socket.destroySoon();
    message.socket.end();
    message.once('end', () => message.socket.destroy());
    linger(message, how);
  });
  return reply;
}
