import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createServer, type UploadServer } from '../../../src/server/server.ts';
import type { ServerOptions } from '../../../src/server/server-options.ts';
import { openFolderStorage } from '../../../src/server/store/folder/folder-storage.ts';
import { type InspectedUploads, inspectUploads } from '../../fixtures/inspect-uploads.ts';

/** A response as the tests compare it. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests compare JSON of any shape.
  readonly json: any;
}

type Value = string | number | boolean | Blob | undefined;

/** Sends the requests of one user. */
export class Peer<Server extends Pick<UploadServer, 'url'> = InspectedServer> {
  readonly server: Server;
  readonly token: string | null;

  constructor(server: Server, token: string | null) {
    this.server = server;
    this.token = token;
  }

  async send(
    method: string,
    path: string,
    body?: BodyInit,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    const authorization: Record<string, string> = this.token === null ? {} : { Authorization: `Bearer ${this.token}` };
    const init = { method, headers: { ...authorization, ...headers }, ...(body !== undefined && { body }) };
    const response = await fetch(`${this.server.url()}/api${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
  }

  get(path: string): Promise<ApiResponse> {
    return this.send('GET', path);
  }

  /** Sends a chunk, of a file of three chunks by default. */
  chunk(index: number, bytes: string | Blob, fields: Record<string, Value> = {}): Promise<ApiResponse> {
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

  direct(bytes: string | Blob, fields: Record<string, Value> = {}): Promise<ApiResponse> {
    const all = { upload_type: 'file', ...fields, file: new Blob([bytes]) };
    return this.send('POST', '/batches/upload', form(all));
  }

  status(uploadId: string): Promise<ApiResponse> {
    return this.get(`/batches/upload-chunk/${uploadId}`);
  }

  async batches(): Promise<ApiResponse['json'][]> {
    return (await this.get('/batches')).json.batches;
  }

  async download(batchId: string, n = 0): Promise<string> {
    return (await this.get(`/batches/${batchId}/files/${n}`)).json;
  }
}

/** Builds a form with these fields in this order. Leaves undefined out; Blobs are files. */
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

/** Runs after the test, before the clean-ups that were added earlier. */
export function addCleanUp(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

/** Creates a folder that is removed after the test. */
export async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'server-test-'));
  addCleanUp(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A server whose folder the test can inspect. */
export type InspectedServer = UploadServer & InspectedUploads;

/** Starts a real server on a real socket, in a new folder by default. */
export async function start(options: Partial<ServerOptions> = {}): Promise<InspectedServer> {
  const dataDir = options.dataDir ?? (await folder());
  const storage = await openFolderStorage(dataDir);
  const created = await createServer({ requestsPerMinute: 1e6, ...options, dataDir }, { storage });
  const server = { ...created, ...inspectUploads(storage, created.uploads) };
  addCleanUp(() => server.close());
  await server.listen(0, '127.0.0.1');
  return server;
}

export async function peer(server: InspectedServer, userId = 'ada'): Promise<Peer> {
  return new Peer(server, await server.issueToken(userId));
}

/** Starts a server and signs ada in. */
export async function startWithPeer(options: Partial<ServerOptions> = {}): Promise<Peer> {
  return peer(await start(options));
}

const HOUR_MS = 60 * 60_000;

/** Cleans up as often as a server does in so many hours, after the first hours. */
export async function passHours({ cleanUp }: Pick<UploadServer, 'cleanUp'>, hours: number, after = 0): Promise<void> {
  const from = Date.now() + after * HOUR_MS;
  for (let hour = 1; hour <= hours; hour++) await cleanUp.run(from + hour * HOUR_MS);
}

/** The status and code of an error response. */
export function refusal({ status, json }: ApiResponse): string {
  return `${status} ${json.error}`;
}
