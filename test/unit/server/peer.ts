import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createServer, type UploadServer } from '../../../src/server/server.ts';
import type { ServerOptions } from '../../../src/server/server-options.ts';
import { openFolderStorage } from '../../../src/server/store/folder/folder-storage.ts';
import { type InspectedUploads, inspectUploads } from '../../support/inspect-uploads.ts';

/** An answer as the tests compare it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a server says is anything until it is compared.
  readonly json: any;
}

type Value = string | number | boolean | Blob | undefined;

/** One user's side of the wire, at the level of requests. */
export class Peer<Server extends Pick<UploadServer, 'url'> = InspectedServer> {
  readonly server: Server;
  readonly token: string | null;

  constructor(server: Server, token: string | null) {
    this.server = server;
    this.token = token;
  }

  async send(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization: Record<string, string> = this.token === null ? {} : { Authorization: `Bearer ${this.token}` };
    const init = { method, headers: { ...authorization, ...headers }, ...(body !== undefined && { body }) };
    const response = await fetch(`${this.server.url()}/api${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  /** A chunk of a file of three unless told otherwise. */
  chunk(index: number, bytes: string | Blob, fields: Record<string, Value> = {}): Promise<Answer> {
    const { total_chunks: total = 3 } = fields;
    const all = {
      chunk_index: index,
      total_chunks: total,
      filename: 'film.mov',
      upload_type: 'file',
      is_final_chunk: index === Number(total) - 1,
      ...fields,
      chunk: new Blob([bytes]),
    };
    return this.send('POST', '/batches/upload-chunk', form(all));
  }

  direct(bytes: string | Blob, fields: Record<string, Value> = {}): Promise<Answer> {
    const all = { upload_type: 'file', ...fields, file: new Blob([bytes]) };
    return this.send('POST', '/batches/upload', form(all));
  }

  status(uploadId: string): Promise<Answer> {
    return this.get(`/batches/upload-chunk/${uploadId}`);
  }

  async batches(): Promise<Answer['json'][]> {
    return (await this.get('/batches')).json.batches;
  }

  async download(batchId: string, n = 0): Promise<string> {
    return (await this.get(`/batches/${batchId}/files/${n}`)).json;
  }
}

/** A form with these fields, in this order; undefined ones are left out, Blobs are files. */
export function form(fields: Record<string, Value>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) data.append(name, value, `${fields.filename ?? 'film.mov'}`);
    else if (value !== undefined) data.append(name, String(value));
  }
  return data;
}

export function sha256(bytes: string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A fresh folder that goes when the test ends. */
export async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'server-test-'));
  cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A server whose folder the test can look into. */
export type InspectedServer = UploadServer & InspectedUploads;

/** Starts a real server on a real socket, in a new folder by default. */
export async function start(options: Partial<ServerOptions> = {}): Promise<InspectedServer> {
  const dataDir = options.dataDir ?? (await folder());
  const storage = await openFolderStorage(dataDir);
  const created = await createServer({ requestsPerMinute: 1e6, ...options, dataDir }, { storage });
  const server = { ...created, ...inspectUploads(storage, created.uploads) };
  cleanUps.push(() => server.close());
  await server.listen(0, '127.0.0.1');
  return server;
}

export async function peer(server: InspectedServer, userId = 'ada'): Promise<Peer> {
  return new Peer(server, await server.issueToken(userId));
}

/** A user of a fresh server. */
export async function alone(options: Partial<ServerOptions> = {}): Promise<Peer> {
  return peer(await start(options));
}

/** The status and code of a refusal. */
export function refusal({ status, json }: Answer): string {
  return `${status} ${json.error}`;
}
