import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openChunk, openSocket, type RawForm } from '../chunk-socket.ts';
import { folder, type InspectedServer, Peer, peer, start } from '../peer.ts';

const CHUNK_HEAD = 'POST /api/batches/upload-chunk HTTP/1.1\r\nHost: localhost\r\n';
const FORM_HEAD = 'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000000\r\n';

function toField(name: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

/** Opens a connection and sends the start of a request. */
async function send(server: InspectedServer, start: string): Promise<RawForm> {
  const socket = openSocket(server.url());
  await socket.write(start);
  return socket;
}

/** The response to a request of which nothing more is sent, once the server closes. */
async function endOf(socket: RawForm): Promise<string> {
  await socket.closed;
  const { status, json } = await socket.finish('');
  return `${status} ${json.error}`;
}

describe('form without a token', () => {
  it('is refused when its fields exceed 4 KiB, without its file', async () => {
    const server = await start();
    const fields = Array.from({ length: 3 }, (_, n) => toField(`field${n}`, 'x'.repeat(1500)));
    const socket = await send(server, `${CHUNK_HEAD}${FORM_HEAD}\r\n${fields.join('')}--b\r\n`);
    expect(await endOf(socket)).toBe('401 unauthorized');
  });

  it('is refused when one field exceeds 4 KiB', async () => {
    const server = await start();
    const socket = await send(server, `${CHUNK_HEAD}${FORM_HEAD}\r\n${toField('notes', 'x'.repeat(5000))}--b\r\n`);
    expect(await endOf(socket)).toBe('401 unauthorized');
  });

  it('is refused at its file when no ticket precedes it, and stores nothing', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const socket = await openChunk(new Peer(server, null), 0, 90_000_000);
    await socket.write('abc');
    expect(await endOf(socket)).toBe('401 unauthorized');
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('is refused when it stays silent, in its head or in its fields', async () => {
    const server = await start({ strangerMs: 300, headersTimeoutMs: 300 });
    const starts = ['', FORM_HEAD, `${FORM_HEAD}\r\n`, `${FORM_HEAD}\r\n${toField('notes', 'x')}`];
    const sockets = await Promise.all(starts.map((rest) => send(server, `${CHUNK_HEAD}${rest}`)));
    for (const socket of sockets) expect(await endOf(socket)).toBe('408 request_timeout');
  });

  it('may take longer once its ticket is valid', async () => {
    const server = await start({ strangerMs: 300 });
    const { upload_id, ticket } = (await (await peer(server)).chunk(0, 'abc')).json;
    const ticketed = await openChunk(new Peer(server, null), 1, 3, { upload_id, ticket });
    await ticketed.write('de');
    const silent = await send(server, `${CHUNK_HEAD}${FORM_HEAD}\r\n`);
    expect(await endOf(silent)).toBe('408 request_timeout');
    await ticketed.write('f');
    expect((await ticketed.finish()).status).toBe(200);
  });
});

describe('JSON without a token', () => {
  it('is refused when it arrives too slowly', async () => {
    const server = await start({ strangerMs: 300 });
    const head =
      'POST /api/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n';
    expect(await endOf(await send(server, `${head}\r\n{`))).toBe('408 request_timeout');
  });
});

describe('fields of a user', () => {
  it('have at most 1 MiB together', async () => {
    const ada = await peer(await start());
    const upload = (count: number) => {
      const data = new FormData();
      data.append('upload_type', 'file');
      for (let n = 0; n < count; n++) data.append(`field${n}`, 'x'.repeat(60_000));
      data.append('file', new Blob(['x']), 'x');
      return ada.send('POST', '/batches/upload', data);
    };
    expect((await upload(17)).status).toBe(200);
    expect((await upload(18)).json).toMatchObject({ error: 'bad_form' });
  });

  it('describe a file with a media type of at most 255 characters', async () => {
    const ada = await peer(await start());
    const data = new FormData();
    data.append('upload_type', 'file');
    data.append('file', new Blob(['x'], { type: `text/${'x'.repeat(5000)}` }), 'x');
    const [file] = (await ada.send('POST', '/batches/upload', data)).json.files;
    expect(file.type).toHaveLength(255);
  });
});
