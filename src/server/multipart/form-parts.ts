import type { Readable } from 'node:stream';
import type { BusboyInstance } from '@fastify/busboy';
import { ApiError, badField } from '../errors.ts';
import type { ByteStore, ReceivedBlob } from '../store/byte-store.ts';

/** A file part whose bytes are received. */
export interface FilePart extends ReceivedBlob {
  readonly field: string;
  /** As the sender named it; never part of a path. */
  readonly name: string;
  readonly type: string;
}

/** The byte store of file parts, and the check before it stores a part. */
export interface PartRules {
  readonly bytes: Pick<ByteStore, 'receive' | 'remove'>;
  /** Called with the fields before a file; rejects when the sender may not store bytes. */
  readonly admit?: (fields: ReadonlyMap<string, string>) => Promise<unknown>;
}

/** Collects the parts of one form while it arrives. */
export class FormParts {
  readonly #rules: PartRules;
  readonly #stop: (error: Error) => void;
  readonly #fields = new Map<string, string>();
  readonly #files: Promise<FilePart | null>[] = [];
  readonly #streams: Readable[] = [];
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
    busboy.on('field', (name, value, _n, isCut) => this.#addField(name ?? '', value, isCut));
    busboy.on('file', (field, stream, name, _encoding, type) => this.#addFile(field ?? '', stream, name ?? '', type));
    for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const) {
      busboy.on(limit, () => {
        this.#problem ??= new ApiError(400, 'bad_form', 'The form has too many parts. Send fewer.');
      });
    }
  }

  /** @throws the first problem of any part. */
  async files(): Promise<readonly FilePart[]> {
    const files = await Promise.all(this.#files);
    if (this.#problem) throw this.#problem;
    return files.filter((file) => file !== null);
  }

  /** Ends parts whose bytes will not arrive. */
  abandon(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** Removes received bytes that no upload uses. */
  async dispose(): Promise<void> {
    const settled = await Promise.allSettled(this.#files);
    const files = settled.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
    await this.#rules.bytes.remove(files.map(({ blob }) => blob));
  }

  #addField(name: string, value: string, isCut: boolean): void {
    if (isCut || this.#fields.has(name)) {
      this.#problem ??= badField(name, isCut ? 'is too long' : 'was sent twice');
    }
    this.#fields.set(name, toWellFormed(value));
  }

  #addFile(field: string, stream: Readable, name: string, type: string): void {
    // Busboy only emits an error when a form is cut short. A destroyed stream also fails a reader
    // that starts later.
    stream.on('error', (error) => stream.destroy(error));
    this.#streams.push(stream);
    const file = this.#receive(stream).then((blob) => blob && { field, name: toWellFormed(name), type, ...blob });
    file.catch(this.#stop);
    this.#files.push(file);
  }

  async #receive(stream: Readable): Promise<ReceivedBlob | null> {
    if (await this.#mayStore()) return this.#rules.bytes.receive(stream);
    stream.resume();
    return null;
  }

  async #mayStore(): Promise<boolean> {
    try {
      // A copy: fields that follow the file come too late to admit it.
      if (this.#problem === null) await this.#rules.admit?.(new Map(this.#fields));
    } catch (error) {
      this.#problem ??= error;
    }
    return this.#problem === null;
  }
}

/** Replaces lone surrogates, which could be stored but not sent again. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString();
}
