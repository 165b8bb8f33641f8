import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { newId } from './durable.ts';
import { ApiError } from './errors.ts';

/** A file part as it lies in the temporary folder. */
export interface ReceivedFile {
  readonly field: string;
  readonly name: string;
  readonly type: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A form, read to its end; its files are removed by `dispose` unless they were renamed away. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: readonly ReceivedFile[];
  dispose(): Promise<void>;
}

const LIMITS = { fieldSize: 64 * 1024, fields: 40, files: 2000, headerPairs: 20 };

/**
 * Reads a multipart form, its files streamed to disk with their SHA-256 taken on the way.
 *
 * @throws ApiError `too_large` when the whole body, form included, exceeds `maxBytes`; `bad_form` when it is none.
 */
export async function readForm(request: IncomingMessage, tempDir: string, maxBytes: number): Promise<Form> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) {
    await drain(request);
    throw tooLarge(maxBytes);
  }
  const fields = new Map<string, string>();
  const saving: Promise<ReceivedFile>[] = [];
  const paths: string[] = [];
  const dispose = async () => {
    await Promise.allSettled(saving);
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  };
  try {
    const busboy = parserOf(request);
    let problem: ApiError | null = null;
    busboy.on('field', (name, value, _n, isCut) => {
      if (isCut || fields.has(name)) problem ??= badField(name, isCut ? 'is too long' : 'was sent twice');
      fields.set(name, value);
    });
    busboy.on('file', (field, stream, name, _encoding, type) => {
      const path = join(tempDir, newId());
      paths.push(path);
      const saved = save(stream, path).then((facts) => ({ field, name: name ?? '', type, path, ...facts }));
      saved.catch(() => stream.resume());
      saving.push(saved);
    });
    busboy.on('fieldsLimit', () => {
      problem ??= new ApiError(400, 'bad_form', 'The form has too many fields.');
    });
    await feed(request, limitOf(maxBytes), busboy);
    const files = await Promise.all(saving);
    if (problem) throw problem;
    return { fields, files, dispose };
  } catch (error) {
    await drain(request);
    await dispose();
    if (error instanceof ApiError || (error as { code?: string }).code === 'ENOSPC') throw error;
    throw new ApiError(400, 'bad_form', 'The form could not be read to its end.');
  }
}

/** A field that is wrong, by name. */
export function badField(field: string, why: string): ApiError {
  return new ApiError(400, 'bad_field', `The field ${field} ${why}.`, { field });
}

function parserOf(request: IncomingMessage): BusboyInstance {
  try {
    const headers = { ...request.headers, 'content-type': request.headers['content-type'] ?? '' };
    return new Busboy({ headers, limits: LIMITS, preservePath: true });
  } catch {
    throw new ApiError(400, 'bad_form', 'The request is no multipart form.');
  }
}

/** Unlike a pipeline this leaves the request open when the form is refused, so that the answer still reaches the client. */
async function feed(request: IncomingMessage, limit: Transform, busboy: BusboyInstance): Promise<void> {
  const cut = () => limit.destroy(new ApiError(400, 'bad_form', 'The request ended too early.'));
  request.once('close', () => request.complete || cut());
  request.pipe(limit);
  await pipeline(limit, busboy).finally(() => request.unpipe(limit));
}

async function save(stream: Readable, path: string): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const count = new Transform({
    transform(data: Buffer, _encoding, done) {
      hash.update(data);
      sizeBytes += data.length;
      done(null, data);
    },
  });
  await pipeline(stream, count, createWriteStream(path, { mode: 0o600 }));
  return { sizeBytes, sha256: hash.digest('hex') };
}

function limitOf(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      bytes += data.length;
      done(bytes > maxBytes ? tooLarge(maxBytes) : null, data);
    },
  });
}

/** A client that is still sending would see a reset instead of the answer: what comes is read and thrown away, for a while. */
async function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  await pipeline(request, new PassThrough().resume(), { signal: AbortSignal.timeout(20_000) }).catch(() => undefined);
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, 'too_large', `A request may have ${maxBytes} bytes at most. Send smaller chunks.`);
}
