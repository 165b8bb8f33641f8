import type { Readable } from 'node:stream';
import type { BusboyInstance } from '@fastify/busboy';
import { ApiError, badField, EarlyRefusal } from '../errors.ts';
import type { ByteStore, ReceivedBlob } from '../store/byte-store.ts';
import { Admission, type Stranger } from './admission.ts';
import { ArrivingPart, measureArrival } from './arriving-part.ts';

/** The longest name and media type that are kept, in characters: the routes refuse longer names. */
const MAX_NAME_LENGTH = 1024;
const MAX_TYPE_LENGTH = 255;

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
  /** Set when only `admit` can tell who sends the form. */
  readonly stranger?: Stranger | null;
  /**
   * Called with the fields before a file; rejects when the sender may not store bytes. With an
   * `EarlyRefusal` the reading of the form ends.
   */
  readonly admit?: (fields: ReadonlyMap<string, string>, part: ArrivingPart) => Promise<unknown>;
  /**
   * Called with the files of a request that was cut, the last of them perhaps in its middle. Their
   * bytes are removed afterwards, unless an upload refers to them.
   */
  readonly onCut?: (files: readonly FilePart[]) => Promise<void>;
}

/** Collects the parts of one form while it arrives. */
export class FormParts {
  readonly #rules: PartRules;
  readonly #stop: (error: Error) => void;
  readonly #fields = new Map<string, string>();
  readonly #files: Promise<FilePart | null>[] = [];
  readonly #arriving: ArrivingPart[] = [];
  readonly #admission: Admission;
  #problem: unknown = null;

  /** @param stop ends the reading of a form that cannot be stored. */
  constructor(rules: PartRules, stop: (error: Error) => void) {
    this.#rules = rules;
    this.#stop = stop;
    this.#admission = new Admission(rules.stranger ?? null, stop);
  }

  get fields(): ReadonlyMap<string, string> {
    return this.#fields;
  }

  get isSenderKnown(): boolean {
    return this.#admission.isSenderKnown;
  }

  /** The ms between the first and the last byte of all files. */
  get receivedMs(): number {
    return measureArrival(this.#arriving);
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
    this.#admission.end();
    if (this.#problem) throw this.#problem;
    return files.filter((file) => file !== null);
  }

  /**
   * Passes the files of a form that was cut to the rules.
   *
   * @returns the first problem of any part, or else the one of the form.
   */
  async reportCut(problem: unknown): Promise<unknown> {
    try {
      await this.#rules.onCut?.(await this.files());
      return problem;
    } catch (first) {
      return first;
    }
  }

  /** Ends parts whose bytes will not arrive. */
  abandon(): void {
    this.#admission.end();
    // Without an error, a reader that starts later would wait for the end of a stream that has
    // received all its bytes.
    for (const part of this.#arriving) part.destroy(new Error('The form is abandoned.'));
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
    if (this.#admission.addField(name, value)) this.#fields.set(name, toWellFormed(value));
    else this.#problem ??= new ApiError(400, 'bad_form', 'The fields of the form are too long. Send less text.');
  }

  #addFile(field: string, stream: Readable, name: string, type: string): void {
    const part = new ArrivingPart(field, stream, this.#rules.onCut !== undefined);
    this.#arriving.push(part);
    const names = {
      field,
      name: toWellFormed(name.slice(0, MAX_NAME_LENGTH)),
      // A slice would keep all of the header in memory.
      type: toWellFormed(type.slice(0, MAX_TYPE_LENGTH)),
    };
    const file = this.#receive(part).then((blob) => blob && { ...names, ...blob });
    file.catch(this.#stop);
    this.#files.push(file);
  }

  async #receive(part: ArrivingPart): Promise<ReceivedBlob | null> {
    if (await this.#mayStore(part)) return this.#rules.bytes.receive(part);
    part.resume();
    return null;
  }

  async #mayStore(part: ArrivingPart): Promise<boolean> {
    try {
      // A copy: fields that follow the file come too late to admit it.
      if (this.#problem === null) await this.#rules.admit?.(new Map(this.#fields), part);
      if (this.#problem === null) this.#admission.admit();
      else this.#admission.refuse();
    } catch (error) {
      this.#problem ??= error;
      this.#admission.refuse();
      if (error instanceof EarlyRefusal) throw error;
    }
    return this.#problem === null;
  }
}

/** Replaces lone surrogates, which could be stored but not sent again. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString();
}
