import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Sink, startSink } from '../../bench/servers/sink.ts';
import { sha256 } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';

let sink: Sink;
let origin: string;

beforeEach(async () => {
  sink = await startSink(0);
  origin = `http://127.0.0.1:${(sink.server.address() as AddressInfo).port}`;
});

afterEach(() => {
  sink.server.closeAllConnections();
  sink.server.close();
});

it('keeps what arrived of a PATCH whose connection was reset', async () => {
  const bytes = Buffer.from('0123456789'.repeat(100_000));
  const url = await create(bytes.length);
  const arrived = 300_000;
  await sendAndReset(url, bytes.subarray(0, arrived), bytes.length);
  await until(async () => (await getOffset(url)) === arrived, 'the offset');
  const response = await append(url, bytes.subarray(arrived), arrived);
  expect(response.status).toBe(204);
  expect(await sink.digests()).toEqual([await sha256(toAsync(bytes))]);
});

it('refuses a PATCH at another offset', async () => {
  const url = await create(10);
  const response = await append(url, Buffer.from('01234'), 5);
  expect(response.status).toBe(409);
  expect(await getOffset(url)).toBe(0);
});

async function create(sizeBytes: number): Promise<string> {
  const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(sizeBytes) };
  const response = await fetch(`${origin}/tus`, { method: 'POST', headers });
  return origin + response.headers.get('Location');
}

async function getOffset(url: string): Promise<number> {
  return Number((await fetch(url, { method: 'HEAD' })).headers.get('Upload-Offset'));
}

function append(url: string, body: Buffer<ArrayBuffer>, offset: number): Promise<Response> {
  return fetch(url, { method: 'PATCH', body, headers: { 'Upload-Offset': String(offset) } });
}

/** Sends the beginning of a PATCH. Resets the connection when the server has read it. */
async function sendAndReset(url: string, beginning: Buffer, sizeBytes: number): Promise<void> {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const [accepted] = await once(sink.server, 'connection');
  const head = `PATCH ${pathname} HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Length: ${sizeBytes}\r\n\r\n`;
  socket.write(head);
  socket.write(beginning);
  await until(() => accepted.bytesRead === head.length + beginning.length, 'the server');
  const closed = once(socket, 'close');
  socket.resetAndDestroy();
  await closed;
}

async function* toAsync(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
