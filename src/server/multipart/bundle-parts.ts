import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { badBundle } from '../errors.ts';
import type { ByteStore, ReceivedBlob } from '../store/byte-store.ts';
import { StreamCutter } from '../stream-cutter.ts';

/** The parts of a form that a store of its parts receives, in this order. */
export const BUNDLE_FIELDS = ['uploads', 'bytes'];

const MAX_LIST_BYTES = 1024 * 1024;
/** The list and the bytes themselves are not stored. */
const NOT_STORED: ReceivedBlob = { blob: '', sizeBytes: 0, sha256: '' };

/** An upload of a bundle, as far as the cuts depend on it. */
export interface Cut {
  readonly sizeBytes: number;
}

/**
 * Receives the two parts of a bundle: the list of its uploads, then their bytes, which it cuts into
 * a blob each while they arrive.
 */
export class BundleParts<T extends Cut> implements Pick<ByteStore, 'receive' | 'remove'> {
  readonly #bytes: ByteStore;
  readonly #parse: (list: string) => readonly T[];
  readonly #cuts: ReceivedBlob[] = [];
  #uploads: Promise<readonly T[]> | null = null;
  #hasBytes = false;

  /** @param parse throws when the list is malformed. */
  constructor(bytes: ByteStore, parse: (list: string) => readonly T[]) {
    this.#bytes = bytes;
    this.#parse = parse;
  }

  async receive(stream: Readable): Promise<ReceivedBlob> {
    const cutter = new StreamCutter(stream);
    try {
      await this.#read(cutter);
    } finally {
      await cutter.skip();
    }
    return NOT_STORED;
  }

  /** The uploads with their bytes, once both parts arrived. */
  async getUploads(): Promise<readonly (readonly [T, ReceivedBlob])[]> {
    const uploads = (await this.#uploads) ?? [];
    return uploads.flatMap((upload, n) => {
      const blob = this.#cuts[n];
      return blob ? [[upload, blob] as const] : [];
    });
  }

  /** Removes all cuts that no upload refers to. */
  async remove(): Promise<void> {
    await this.#bytes.remove(this.#cuts.map(({ blob }) => blob));
  }

  async #read(cutter: StreamCutter): Promise<void> {
    if (this.#uploads === null) {
      this.#uploads = this.#readList(cutter);
      await this.#uploads;
      return;
    }
    if (this.#hasBytes) throw badBundle('it has more than two parts');
    this.#hasBytes = true;
    await this.#cut(cutter, await this.#uploads);
  }

  async #readList(cutter: StreamCutter): Promise<readonly T[]> {
    const list = await text(cutter.take(MAX_LIST_BYTES));
    if (!(await cutter.isAtEnd())) throw badBundle(`its list has more than ${MAX_LIST_BYTES} bytes`);
    return this.#parse(list);
  }

  async #cut(cutter: StreamCutter, uploads: readonly T[]): Promise<void> {
    for (const { sizeBytes } of uploads) {
      const cut = await this.#bytes.receive(Readable.from(cutter.take(sizeBytes)));
      this.#cuts.push(cut);
      if (cut.sizeBytes !== sizeBytes) throw badBundle('its bytes end before those of all uploads');
    }
    if (!(await cutter.isAtEnd())) throw badBundle('it has more bytes than its uploads');
  }
}
