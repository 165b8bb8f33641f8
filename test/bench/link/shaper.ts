// Runs a link in user space, in its own process, between clients and loopback ports.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { type Lane, Line } from './line.ts';

/** Properties of a link, equal in both directions. */
export interface LinkOptions {
  readonly bytesPerSecond: number;
  readonly capBytesPerSecond?: number;
  readonly rttMs: number;
}

/** The argument of this process, as JSON. */
export interface ShaperOptions extends LinkOptions {
  /** Loopback ports behind the link. */
  readonly targets: readonly number[];
}

/** The far end stops reading beyond this, because bytes in kernel buffers have left the wire. */
const FAR_END_BYTES = 1024 * 1024;

const { targets, rttMs, ...rates }: ShaperOptions = JSON.parse(process.argv[2] ?? '');
const up = new Line({ ...rates, delayMs: rttMs / 2 });
const down = new Line({ ...rates, delayMs: rttMs / 2 });

preferMe();
const ports = await Promise.all(targets.map((target) => listen(target)));
process.send?.({ ports });
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
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    carry(far, near, down);
    // The kernel has answered the SYN already, which takes a round trip on a real link.
    setTimeout(() => carry(near, far, up).resume(), rttMs);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function carry(from: Socket, to: Socket, line: Line): Socket {
  const lane: Lane = line.lane({
    deliver: (bytes) => {
      to.cork();
      for (const part of bytes) to.write(part);
      to.uncork();
    },
    hasRoom: () => to.writableLength < FAR_END_BYTES,
    flow: (open) => void (open ? from.resume() : from.pause()),
    ended: () => to.end(),
  });
  to.on('drain', () => line.wake());
  from.on('data', (bytes) => lane.offer(bytes));
  from.on('end', () => lane.end());
  for (const socket of [from, to]) {
    socket.on('error', () => undefined);
    socket.on('close', (hadError) => {
      if (!hadError && socket === from) return;
      lane.close();
      from.destroy();
      to.destroy();
    });
  }
  return from;
}
