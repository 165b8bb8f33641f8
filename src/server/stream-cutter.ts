import type { Readable } from 'node:stream';

const NOTHING = Buffer.alloc(0);

/** Cuts a stream into consecutive streams while it arrives. */
export class StreamCutter {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = NOTHING;

  constructor(source: Readable) {
    this.#source = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next bytes. They must be read before anything else is taken; fewer come at the end. */
  async *take(sizeBytes: number): AsyncGenerator<Buffer> {
    for (let rest = sizeBytes; rest > 0 && (await this.#hasMore()); ) {
      const part = this.#held.subarray(0, rest);
      this.#held = this.#held.subarray(part.length);
      rest -= part.length;
      yield part;
    }
  }

  /** Whether all bytes were taken. */
  async isAtEnd(): Promise<boolean> {
    return !(await this.#hasMore());
  }

  /** Discards what was not taken: a parser waits until all of a part is read. */
  async skip(): Promise<void> {
    while (await this.#hasMore()) this.#held = NOTHING;
  }

  async #hasMore(): Promise<boolean> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#held = next.value;
    }
    return true;
  }
}
