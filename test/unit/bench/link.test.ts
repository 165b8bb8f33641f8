import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type Link, type LinkOptions, openLink } from '../../bench/link/link.ts';

const FAST = { bytesPerSecond: 1e9, rttMs: 0 };
const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

it('resets each connection after a number of bytes', async () => {
  const { link, port } = await open({ ...FAST, resetAfterBytes: 256 * 1024 });
  await link.mark();
  expect(await sendUntilReset(port)).toMatch(/ECONNRESET|EPIPE/);
  expect(await sendUntilReset(port)).toMatch(/ECONNRESET|EPIPE/);
});

it('is steady until the first mark', async () => {
  const { port, received } = await open({ ...FAST, resetAfterBytes: 1, cuts: { upMs: 1, downMs: 1e6 } });
  const socket = connect(port, '127.0.0.1');
  socket.end(Buffer.alloc(4 * 1024 * 1024)).resume();
  await once(socket, 'close');
  expect(received()).toBe(4 * 1024 * 1024);
});

it('resets open connections at a cut and refuses new ones', async () => {
  const { link, port } = await open({ ...FAST, cuts: { upMs: 1, downMs: 1e6 } });
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const failed = once(socket, 'error');
  await link.mark();
  expect((await failed)[0].code).toBe('ECONNRESET');
  expect(await sendUntilReset(port)).toMatch(/ECONNRESET|EPIPE/);
});

it('counts the bytes from clients to servers since the previous mark', async () => {
  const { link, port } = await open(FAST);
  for (const sizeBytes of [300_000, 5]) {
    const socket = connect(port, '127.0.0.1');
    socket.end(Buffer.alloc(sizeBytes)).resume();
    await once(socket, 'close');
    expect(await link.mark()).toEqual({ sentBytes: sizeBytes });
  }
});

async function open(options: LinkOptions): Promise<{ link: Link; port: number; received(): number }> {
  let bytes = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', ({ length }) => {
      bytes += length;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => server.close());
  const link = await openLink(options, [(server.address() as AddressInfo).port]);
  closings.push(() => link.close());
  return { link, port: link.ports[0] ?? 0, received: () => bytes };
}

/** Sends until the connection breaks. Returns the code of the error. */
async function sendUntilReset(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const failed = once(socket, 'error');
  const block = Buffer.alloc(64 * 1024);
  const send = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', send);
  send();
  return (await failed)[0].code;
}
