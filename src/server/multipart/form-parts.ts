import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BusboyInstance } from '@fastify/busboy';
import { ApiError, badField } from '../errors.ts';
import { newId } from '../ids.ts';

/** A file part as it lies in the temporary folder. */
export interface ReceivedFile {
  readonly field: string;
  /** As the sender called it: words for a person, never part of a path. */
  readonly name: string;
  readonly type: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** How files are stored. */
export interface PartRules {
  /** Where they go. */
  readonly tempDir: string;
  /** Asked with the fields that came so far before bytes are stored; throws where the sender may store none. */
  readonly admit?: (fields: ReadonlyMap<string, string>) => void;
}

/** The parts of one form while it comes in. */
export class FormParts {
  readonly #rules: PartRules;
  readonly #stop: (error: Error) => void;
  readonly #fields = new Map<string, string>();
  readonly #saving: Promise<ReceivedFile>[] = [];
  readonly #streams: Readable[] = [];
  readonly #paths: string[] = [];
  #problem: unknown = null;

  /** @param stop ends the reading of a form that cannot be stored. */
  constructor(rules: PartRules, stop: (error: Error) => void) {
    this.#rules = rules;
    this.#stop = stop;
  }

  get fields(): ReadonlyMap<string, string> {
    return this.#fields;
  }

  listen(busboy: BusboyInstance): void {
    busboy.on('field', (name, value, _n, isCut) => this.#takeField(name ?? '', value, isCut));
    busboy.on('file', (field, stream, name, _encoding, type) => this.#takeFile(field ?? '', stream, name ?? '', type));
    for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const) {
      busboy.on(limit, () => {
        this.#problem ??= new ApiError(400, 'bad_form', 'The form has too many parts.');
      });
    }
  }

  /** @throws what was wrong with any part. */
  async files(): Promise<readonly ReceivedFile[]> {
    const files = await Promise.all(this.#saving);
    if (this.#problem) throw this.#problem;
    return files;
  }

  /** Ends parts that wait for bytes which will not come. */
  abandon(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.#saving);
    await Promise.all(this.#paths.map((path) => rm(path, { force: true })));
  }

  #takeField(name: string, value: string, isCut: boolean): void {
    if (isCut || this.#fields.has(name)) {
      this.#problem ??= badField(name, isCut ? 'is too long' : 'was sent twice');
    }
    this.#fields.set(name, wellFormed(value));
  }

  #takeFile(field: string, stream: Readable, name: string, type: string): void {
    // Cut short, it ends with an error that nobody else may be listening for.
    stream.on('error', () => undefined);
    if (!this.#mayStore()) {
      stream.resume();
      return;
    }
    const path = join(this.#rules.tempDir, newId());
    this.#paths.push(path);
    this.#streams.push(stream);
    const saved = save(stream, path).then((facts) => ({ field, name: wellFormed(name), type, path, ...facts }));
    saved.catch(this.#stop);
    this.#saving.push(saved);
  }

  #mayStore(): boolean {
    try {
      this.#rules.admit?.(this.#fields);
    } catch (error) {
      this.#problem ??= error;
    }
    return this.#problem === null;
  }
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

/** Half a surrogate pair could be stored but not sent again. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
