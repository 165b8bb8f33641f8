import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type InspectedServer, start } from '../peer.ts';

const MIB = 1024 * 1024;
/** Those of both kernels, which keep bytes that the server has not read. */
const BUFFER_BYTES = 24 * MIB;

/** Sends a head, then a body without end, until the server closes. */
async function sendForever(server: InspectedServer, head: string): Promise<{ status: number; sentBytes: number }> {
  const socket = open(server);
  const response = collect(socket);
  socket.write(`${head}\r\n`);
  const bytes = Buffer.alloc(64 * 1024);
  const write = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', write);
  write();
  return { status: Number((await response).split(' ')[1]), sentBytes: socket.bytesWritten };
}

function open(server: InspectedServer): Socket {
  const { hostname, port } = new URL(server.url());
  return connect(Number(port), hostname).on('error', () => undefined);
}

/** What arrives until the server closes. */
async function collect(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

describe('body that is not wanted', () => {
  it.each([
    ['of an unknown route', 'POST /api/none HTTP/1.1', '', 404],
    ['of a request without a body', 'GET /api/health HTTP/1.1', '', 200],
    ['of a malformed URL', 'POST /api/%zz HTTP/1.1', '', 400],
    ['without a token', 'POST /api/batches/upload HTTP/1.1', '', 401],
    ['over the limit', 'POST /api/batches/upload HTTP/1.1', 'token', 413],
  ])('is read for 1 MiB when it is %s', async (_title, line, token, status) => {
    const server = await start();
    const head = [
      line,
      'Host: localhost',
      ...(token && [`Authorization: Bearer ${await server.issueToken('ada')}`]),
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 1000000000000',
      '',
    ];
    const { sentBytes, ...response } = await sendForever(server, head.join('\r\n'));
    expect(response.status).toBe(status);
    expect(sentBytes).toBeLessThan(MIB + BUFFER_BYTES);
  });
});

describe('Expect: 100-continue', () => {
  const body = '--b\r\nContent-Disposition: form-data; name="upload_type"\r\n\r\nfile\r\n--b--\r\n';
  const length = `Content-Length: ${body.length}`;

  /** The status lines of the responses to a head whose body follows only after 100. */
  async function expectContinue(server: InspectedServer, headers: readonly string[]): Promise<string[]> {
    const socket = open(server);
    socket.on('data', (data) => {
      if (`${data}`.startsWith('HTTP/1.1 100')) socket.write(body);
    });
    const response = collect(socket);
    const line = 'POST /api/batches/upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close';
    socket.write(`${[line, 'Content-Type: multipart/form-data; boundary=b', ...headers].join('\r\n')}\r\n\r\n`);
    return [...(await response).matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status ?? '');
  }

  it('gets 100 only if the request is not refused by its headers', async () => {
    const server = await start();
    const token = `Authorization: Bearer ${await server.issueToken('ada')}`;
    expect(await expectContinue(server, [length])).toEqual(['401']);
    expect(await expectContinue(server, [token, 'Content-Length: 1000000000'])).toEqual(['413']);
    expect(await expectContinue(server, [token, length])).toEqual(['100', '400']);
  });
});
