import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tempFolder } from '../../fixtures/files.ts';
import { Objects } from './objects.ts';
import { s3 } from './s3.ts';
import { tus } from './tus.ts';

/** A protocol of the sink, which answers a request when its body has been read. */
export type Protocol = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** The running sink. */
export interface Sink {
  readonly server: Server;
  readonly port: number;
  /** SHA-256 of every whole file, in hex. */
  digests(): Promise<string[]>;
}

/** Starts a minimal server for tus and S3 clients. Its state ends with its process. */
export async function startSink(waitMs: number): Promise<Sink> {
  const { dir } = await tempFolder();
  const objects = new Objects(dir, waitMs);
  const protocols = new Map<string, Protocol>([
    ['tus', tus(objects)],
    ['s3', s3(objects)],
    ['', async (_request, response) => void response.setHeader('Content-Type', 'text/html').end('<!doctype html>')],
  ]);
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 72_000 }, (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const protocol = protocols.get(url.pathname.split('/')[1] ?? '');
    const answered = protocol ? protocol(request, response, url) : Promise.reject(new Error('Nothing is here.'));
    answered.catch((error: Error) => response.writeHead(400).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, digests: () => objects.digests() };
}

/** Reads the whole body as text. */
export async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const bytes of request) text += bytes;
  return text;
}
