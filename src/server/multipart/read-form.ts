import type { IncomingMessage } from 'node:http';
import { Transform, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ApiError, EarlyRefusal, isStorageError } from '../errors.ts';
import { Admission } from './admission.ts';
import { type FilePart, FormParts, type PartRules } from './form-parts.ts';

/** A form that was read completely. `dispose` removes the files that no upload uses. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: readonly FilePart[];
  /** The ms between the first and the last byte of all files. */
  readonly receivedMs: number;
  dispose(): Promise<void>;
}

/** The rules for reading a form. */
export interface FormRules extends PartRules {
  /** The limit of the whole body, with all form fields. */
  readonly maxBytes: number;
}

const LIMITS = { fields: 40, files: 2000, parts: 2040, headerPairs: 20, headerSize: 16 * 1024 };

/**
 * Reads a multipart form and streams its files to the byte store.
 *
 * @throws ApiError 413 `too_large` when the body exceeds `maxBytes`; 400 `bad_form` when it is not
 *   a complete form; `EarlyRefusal` of the rules, while the body still arrives.
 */
export async function readForm(request: IncomingMessage, rules: FormRules): Promise<Form> {
  const { maxBytes } = rules;
  // Whoever responds reads on only for a while.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const limit = createLimit(maxBytes);
  const stop = new AbortController();
  const parts = new FormParts(rules, (error) => stop.abort(error));
  const dispose = () => parts.dispose();
  let isCut = false;
  try {
    const busboy = createParser(request, rules);
    parts.listen(busboy);
    const onCut = () => {
      isCut = endEarly(limit, rules);
    };
    await feed(request, { limit, busboy, signal: stop.signal, onCut });
    const files = await parts.files();
    return { fields: parts.fields, files, receivedMs: parts.receivedMs, dispose };
  } catch (error) {
    const problem = isCut ? await parts.reportCut(error) : error;
    parts.abandon();
    const isOver = problem instanceof EarlyRefusal || (problem instanceof ApiError && problem.status === 413);
    if (parts.isSenderKnown && !isOver) await drain(request, maxBytes);
    await dispose();
    if (problem instanceof ApiError || isStorageError(problem)) throw problem;
    throw incomplete();
  }
}

function createParser(request: IncomingMessage, { stranger = null }: FormRules): BusboyInstance {
  try {
    const headers = { ...request.headers, 'content-type': request.headers['content-type'] ?? '' };
    const limits = { ...LIMITS, fieldSize: Admission.getMaxFieldBytes(stranger) };
    return new Busboy({ headers, limits, preservePath: true });
  } catch {
    throw new ApiError(400, 'bad_form', 'The request is not a multipart form. Send multipart/form-data.');
  }
}

interface FeedOptions {
  readonly limit: Transform;
  readonly busboy: Writable;
  /** Ends the parser with its reason. */
  readonly signal: AbortSignal;
  readonly onCut: () => void;
}

/**
 * Unlike a pipeline, keeps the request open when the form is refused: the response must still reach
 * the client.
 */
async function feed(request: IncomingMessage, { limit, busboy, signal, onCut }: FeedOptions): Promise<void> {
  // A connection that closes takes the unread bytes with it, also of a request that is complete.
  const onClose = () => {
    if (!request.readableEnded) onCut();
  };
  request.once('close', onClose);
  if (request.destroyed) onClose();
  request.pipe(limit);
  try {
    // A limit that has passed on all bytes cannot fail, while the parser waits for their reader.
    await pipeline(limit, busboy, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    request.unpipe(limit);
    request.off('close', onClose);
  }
}

/**
 * Ends the input of a form that was cut.
 *
 * @returns whether its parts were still arriving.
 */
function endEarly(limit: Transform, { onCut }: PartRules): boolean {
  if (limit.destroyed) return false;
  // The parser passes on what it has before it fails.
  if (onCut) limit.end();
  else limit.destroy(incomplete());
  return true;
}

function createLimit(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      bytes += data.length;
      done(bytes > maxBytes ? tooLarge(maxBytes) : null, data);
    },
  });
}

/**
 * Reads and discards the rest of a body: a client that is still sending would see a reset instead
 * of the response. The time limits for requests end this too.
 */
async function drain(request: IncomingMessage, maxBytes: number): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  const over = new AbortController();
  let bytes = 0;
  const count = (data: Buffer) => {
    bytes += data.length;
    if (bytes > maxBytes) over.abort();
  };
  request.on('data', count).resume();
  await finished(request, { writable: false, signal: over.signal }).catch(() => undefined);
  request.off('data', count);
}

function incomplete(): ApiError {
  return new ApiError(400, 'bad_form', 'The form is not complete. Send it again.');
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, 'too_large', `The request is over the limit of ${maxBytes} bytes. Send smaller chunks.`);
}
