import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startServerProcess } from '../../../fixtures/server-process.ts';
import { openChunk } from '../chunk-socket.ts';
import { folder, type InspectedServer, Peer, peer, refusal, start } from '../peer.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

describe('connections of one address', () => {
  it('closes the oldest connection without a request when there are too many', async () => {
    const server = await start({ maxConnections: 3 });
    const ada = await peer(server);
    const uploading = await openChunk(ada, 0, 3);
    const oldest = await open(server.url());
    const newer = await open(server.url());
    expect((await ada.get('/batches')).status).toBe(200);
    await expect.poll(() => oldest.destroyed).toBe(true);
    expect(newer.destroyed).toBe(false);
    await uploading.write('abc');
    expect((await uploading.finish()).status).toBe(200);
  });

  it('opens no further connection while all carry requests', async () => {
    const server = await start({ maxConnections: 2 });
    const ada = await peer(server);
    const uploading = [await openChunk(ada, 0, 3), await openChunk(ada, 0, 3)];
    await expect.poll(() => server.app.server.listening && countRequests(server)).toBe(2);
    const refused = await open(server.url());
    await once(refused, 'close');
    for (const upload of uploading) await upload.cut();
    await expect.poll(async () => (await ada.get('/batches').catch(() => null))?.status).toBe(200);
  });
});

function countRequests(server: InspectedServer): Promise<number> {
  return new Promise((resolve) => server.app.server.getConnections((_error, count) => resolve(count)));
}

describe('server with a heap of 256 MB', () => {
  it('receives an upload beside 200 connections that fall silent in their form', async () => {
    const env = { DATA_DIR: await folder(), NODE_OPTIONS: '--max-old-space-size=256' };
    const server = await startServerProcess({ env });
    try {
      const code = new URL(server.link).hash.replace('#code=', '');
      const url = server.url();
      const head = 'POST /api/batches/upload-chunk HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n';
      const field = `--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n${'x'.repeat(65_000)}\r\n`;
      for (let n = 0; n < 200; n++) {
        const socket = await open(url);
        if (n % 2 === 0) continue;
        socket.write(`${head}Content-Type: multipart/form-data; boundary=b\r\n\r\n`);
        for (let i = 0; i < 39; i++) socket.write(field.replace('"f"', `"f${i}"`));
      }
      const signIn = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ code }),
      };
      const { token } = await (await fetch(`${url}/api/auth/session`, signIn)).json();
      const owner = new Peer({ url: () => url }, token);
      const answer = await owner.direct('x'.repeat(20_000_000));
      expect(answer.status === 200 ? '' : refusal(answer)).toBe('');
    } finally {
      await server.stop();
    }
  });
});
