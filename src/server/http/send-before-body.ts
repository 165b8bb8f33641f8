import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** How much a client may still send, and for how long, before the connection closes. */
const LINGER_BYTES = 64 * 1024;
const LINGER_MS = 500;

/** Sends JSON in response to a request whose body still arrives, and closes the connection. */
export function sendBeforeBody(json: string, message: IncomingMessage, reply: FastifyReply): FastifyReply {
  reply.headers({
    Connection: 'close',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
  });
  async function* respond() {
    yield json;
    // The connection closes when the response ends.
    await linger(message);
  }
  return reply.send(Readable.from(respond()));
}

/**
 * Reads on for a moment: bytes that arrive at a closed connection cause a reset, which may reach
 * the client before it has read the response (RFC 9112, 9.6).
 */
async function linger(message: IncomingMessage): Promise<void> {
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, LINGER_MS);
    function end() {
      clearTimeout(timer);
      message.pause();
      resolve();
    }
    message.once('close', end).on('data', (data: Buffer) => {
      bytes += data.length;
      if (bytes > LINGER_BYTES) end();
    });
    if (message.destroyed) end();
    else message.resume();
  });
}
