// Runs a link in user space, in its own process, between clients and loopback ports.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { type DisturbanceOptions, Disturbances } from './disturbances.ts';
import { type Lane, Line } from './line.ts';

/** Properties of a link, equal in both directions. */
export interface LinkOptions extends DisturbanceOptions {
  readonly bytesPerSecond: number;
  readonly capBytesPerSecond?: number;
  readonly rttMs: number;
}

/** The argument of this process, as JSON. */
export interface ShaperOptions extends LinkOptions {
  /** Loopback ports behind the link. */
  readonly targets: readonly number[];
}

/** A question: starts the disturbances again, at another rate if one is given. */
export interface LinkMark {
  readonly bytesPerSecond?: number;
}

/** The answer: bytes from clients to servers since the previous mark, with those that were lost. */
export interface LinkMarked {
  readonly sentBytes: number;
}

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  bytesUntilReset: number;
}

/** The far end stops reading beyond this, because bytes in kernel buffers have left the wire. */
const FAR_END_BYTES = 1024 * 1024;

const { targets, rttMs, ...options }: ShaperOptions = JSON.parse(process.argv[2] ?? '');
const up = new Line({ ...options, delayMs: rttMs / 2 });
const down = new Line({ ...options, delayMs: rttMs / 2 });
const connections = new Set<Connection>();
const disturbances = new Disturbances(options, {
  setRate(bytesPerSecond) {
    for (const line of [up, down]) line.setRate(bytesPerSecond);
  },
  resetAll() {
    for (const connection of connections) reset(connection);
  },
});

preferMe();
const ports = await Promise.all(targets.map((target) => listen(target)));
process.send?.({ ports });
process.on('message', ({ bytesPerSecond = options.bytesPerSecond }: LinkMark) => {
  process.send?.({ sentBytes: up.takeCarriedBytes() } satisfies LinkMarked);
  disturbances.start(bytesPerSecond);
});
// Without its parent the link has no purpose.
process.once('disconnect', () => process.exit());

/** A busy machine must not slow down the link. */
function preferMe(): void {
  try {
    setPriority(-20);
  } catch {
    // Requires root. The printed accuracy shows whether it matters.
  }
}

function listen(target: number): Promise<number> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (near) => {
    if (disturbances.isUp) open(near, target);
    else near.resetAndDestroy();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function open(near: Socket, target: number): void {
  const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const connection = { near, far, bytesUntilReset: disturbances.nextResetBytes() };
  connections.add(connection);
  for (const socket of [near, far]) {
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(connection));
  }
  carry(far, near, down);
  // The kernel has answered the SYN already, which takes a round trip on a real link.
  setTimeout(() => {
    if (!near.destroyed) carry(near, far, up, (bytes) => countDown(connection, bytes)).resume();
  }, rttMs);
}

function countDown(connection: Connection, bytes: number): void {
  connection.bytesUntilReset -= bytes;
  if (connection.bytesUntilReset <= 0) reset(connection);
}

/** A reset (RST) on both sides, as a device on the path sends it. */
function reset({ near, far }: Connection): void {
  near.resetAndDestroy();
  far.resetAndDestroy();
}

function carry(from: Socket, to: Socket, line: Line, onDelivered = (_bytes: number) => {}): Socket {
  const lane: Lane = line.lane({
    deliver: (bytes) => {
      to.cork();
      for (const part of bytes) to.write(part);
      to.uncork();
      onDelivered(bytes.reduce((sum, { length }) => sum + length, 0));
    },
    hasRoom: () => to.writableLength < FAR_END_BYTES,
    flow: (open) => void (open ? from.resume() : from.pause()),
    ended: () => to.end(),
  });
  to.on('drain', () => line.wake());
  from.on('data', (bytes) => lane.offer(bytes));
  from.on('end', () => lane.end());
  for (const socket of [from, to]) {
    socket.on('close', (hadError) => {
      if (!hadError && socket === from) return;
      lane.close();
      from.destroy();
      to.destroy();
    });
  }
  return from;
}
