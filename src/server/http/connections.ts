import { isIPv6, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';

/** The limit of connections, and the proxies that carry the requests of many clients. */
export interface ConnectionLimits {
  /** For one address: its connections, or its requests in progress behind a trusted proxy. */
  readonly maxConnections: number;
  readonly isProxy: (address: string) => boolean;
}

/**
 * Limits the connections of one address, so that silent ones leave room for others. The oldest
 * connection without a request makes room for a new one.
 */
export function limitConnections(app: FastifyInstance, { maxConnections, isProxy }: ConnectionLimits): void {
  const connections = new Map<string, Set<Socket>>();
  const busy = new WeakSet<Socket>();
  app.server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isProxy(address)) return;
    const group = toGroup(address);
    const sockets = getOrCreate(connections, group);
    if (sockets.size >= maxConnections) {
      const idle = [...sockets].find((other) => !busy.has(other));
      (idle ?? socket).destroy();
      if (!idle) return;
      sockets.delete(idle);
    }
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && connections.get(group) === sockets) connections.delete(group);
    });
  });
  const requests = new Map<string, number>();
  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw;
    // Behind a proxy, a connection says nothing about the client.
    const group = toGroup(request.ip);
    const count = add(requests, group, 1);
    busy.add(socket);
    reply.raw.once('close', () => {
      busy.delete(socket);
      add(requests, group, -1);
    });
    if (count <= maxConnections) return;
    reply.header('Retry-After', '5');
    throw new ApiError(429, 'too_many_requests', 'Too many requests at once. Try again later.');
  });
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): number {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
  return count;
}

/** A network of one customer has at least 2^64 IPv6 addresses. */
function toGroup(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail = ''] = address.split('::');
  const words = (part: string) => part.split(':').filter((word) => word !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - words(head).length - words(tail).length) }, () => '0');
  return [...words(head), ...zeros, ...words(tail)].slice(0, 4).join(':');
}

function getOrCreate(sets: Map<string, Set<Socket>>, key: string): Set<Socket> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}
