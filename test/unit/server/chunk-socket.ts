import { readdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Peer } from './peer.ts';

/** A form on a raw connection: the test decides which of its bytes the server gets. */
export interface RawForm {
  /** Resolves when the system has taken the bytes. */
  write(bytes: string | Buffer): Promise<void>;
  /** Sends the end of the form, or as many other bytes, and resolves with the response. */
  finish(end?: string): Promise<{ status: number; json: Record<string, unknown> }>;
  /** Closes the connection in the middle of the form. */
  cut(): Promise<void>;
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<void>;
}

/** The fields of a form; a blob is a file part. */
export type Fields = Record<string, string | number | Blob | undefined>;

/** The end of a form. */
export const END = '\r\n--b--\r\n';

/** Sends the head of a request and the fields of a chunk, up to the first byte of its file part. */
export async function openChunk(peer: Peer, index: number, bodyBytes: number, fields: Fields = {}): Promise<RawForm> {
  const plan = { chunk_index: index, total_chunks: 3, filename: 'film.mov', upload_type: 'file' };
  const all = { ...plan, is_final_chunk: 'false', ...fields };
  return openForm(peer, '/batches/upload-chunk', all, 'chunk', bodyBytes);
}

/** Sends the head of a request and these fields, up to the first byte of its file part. */
export async function openForm(
  { server, token }: Peer,
  path: string,
  fields: Fields,
  file: string,
  bodyBytes: number,
): Promise<RawForm> {
  const parts = await Promise.all(Object.entries(fields).map(([name, value]) => toPart(name, value)));
  const start = `${parts.join('')}${toFileHead(file)}`;
  const head = [
    `POST /api${path} HTTP/1.1`,
    'Host: localhost',
    ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
    'Connection: close',
    'Content-Type: multipart/form-data; boundary=b',
    `Content-Length: ${Buffer.byteLength(start) + bodyBytes + END.length}`,
  ];
  const form = openSocket(server.url());
  await form.write(`${head.join('\r\n')}\r\n\r\n${start}`);
  return form;
}

async function toPart(name: string, value: Fields[string]): Promise<string> {
  if (value === undefined) return '';
  if (value instanceof Blob) return `${toFileHead(name)}${await value.text()}\r\n`;
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

function toFileHead(name: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"; filename="x"\r\n\r\n`;
}

export function openSocket(url: string): RawForm {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve());
  });
  const write = (bytes: string | Buffer) => new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return {
    write,
    closed,
    async finish(end = END) {
      await write(end);
      await closed;
      const [head = '', body = '{}'] = text.split('\r\n\r\n');
      return { status: Number(head.split(' ')[1]), json: JSON.parse(body) };
    },
    async cut() {
      socket.destroy();
      await closed;
    },
  };
}

/** The sizes of the files that requests in progress have written, by name. */
export async function readTempFiles(dataDir: string): Promise<Map<string, number>> {
  const temp = join(dataDir, 'temp');
  const sizes = (await readdir(temp)).map(async (name): Promise<[string, number]> => {
    // A request may end meanwhile.
    const stats = await stat(join(temp, name)).catch(() => null);
    return [name, stats?.size ?? 0];
  });
  return new Map(await Promise.all(sizes));
}
