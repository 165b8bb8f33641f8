import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type LinkOptions, openLink } from './link.ts';

/**
 * Requested and measured properties of a link. Measured at the far end with plain streams of known
 * size.
 */
export interface Accuracy {
  /** Four connections together. */
  readonly askedBytesPerSecond: number;
  readonly sharedBytesPerSecond: number;
  /** One connection alone, which gets less than the link if each is capped. */
  readonly askedAloneBytesPerSecond: number;
  readonly aloneBytesPerSecond: number;
  readonly askedRttMs: number;
  readonly rttMs: number;
}

const SECONDS = 2;
const PINGS = 21;

/** Measures a link as it is used: in its own process, on loopback. */
export async function measureLink(options: LinkOptions): Promise<Accuracy> {
  const arrivals = new Arrivals();
  const link = await openLink(options, [await arrivals.listen()]);
  const port = link.ports[0] ?? 0;
  try {
    const rttMs = await roundTrip(port);
    const { bytesPerSecond, capBytesPerSecond = bytesPerSecond } = options;
    const askedBytesPerSecond = Math.min(4 * capBytesPerSecond, bytesPerSecond);
    const askedAloneBytesPerSecond = Math.min(capBytesPerSecond, bytesPerSecond);
    const aloneBytesPerSecond = await stream(port, 1, askedAloneBytesPerSecond, arrivals);
    const sharedBytesPerSecond = await stream(port, 4, askedBytesPerSecond, arrivals);
    const asked = { askedBytesPerSecond, askedAloneBytesPerSecond, askedRttMs: options.rttMs };
    return { ...asked, aloneBytesPerSecond, sharedBytesPerSecond, rttMs };
  } finally {
    await link.close();
    arrivals.close();
  }
}

/** The far end. Echoes single bytes and counts longer streams. */
class Arrivals {
  bytes = 0;
  firstAt = 0;
  lastAt = 0;
  #firstBytes = 0;
  readonly #server = createServer({ noDelay: true }, (socket) => this.#take(socket));

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }

  reset(): void {
    this.bytes = 0;
  }

  /** Bytes since `reset`, without those of the first arrival. */
  get bytesPerSecond(): number {
    return ((this.bytes - this.#firstBytes) * 1000) / (this.lastAt - this.firstAt);
  }

  #take(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.lastAt = performance.now();
      if (this.bytes === 0) {
        this.firstAt = this.lastAt;
        this.#firstBytes = bytes.length;
      }
      this.bytes += bytes.length;
      if (bytes.length === 1) socket.write(bytes);
    });
  }
}

async function roundTrip(port: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const times: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const sentAt = performance.now();
    socket.write('.');
    await once(socket, 'data');
    times.push(performance.now() - sentAt);
  }
  socket.destroy();
  return times.sort((a, b) => a - b)[PINGS >> 1] ?? 0;
}

async function stream(port: number, connections: number, bytesPerSecond: number, arrivals: Arrivals): Promise<number> {
  arrivals.reset();
  const bytesEach = Math.round((SECONDS * bytesPerSecond) / connections);
  await Promise.all(Array.from({ length: connections }, () => send(port, bytesEach)));
  return arrivals.bytesPerSecond;
}

async function send(port: number, sizeBytes: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.resume();
  const closed = once(socket, 'close');
  const block = Buffer.alloc(256 * 1024);
  for (let left = sizeBytes; left > 0; left -= block.length) {
    if (!socket.write(block.subarray(0, Math.min(left, block.length)))) await once(socket, 'drain');
  }
  socket.end();
  // The far end closes when the last byte has arrived.
  await closed;
}
