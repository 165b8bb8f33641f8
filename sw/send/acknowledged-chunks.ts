import type { Chunk } from '../../src/shared/chunks.ts';

/** The chunks of one upload that the server has acknowledged. */
export class AcknowledgedChunks {
  readonly #indices = new Set<number>();
  #bytes = 0;
  #firstRemaining = 0;

  get count(): number {
    return this.#indices.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The index of the first chunk that is not acknowledged. */
  get firstRemaining(): number {
    return this.#firstRemaining;
  }

  /** The highest acknowledged index; -1 without one. */
  get last(): number {
    return Math.max(-1, ...this.#indices);
  }

  has(index: number): boolean {
    return this.#indices.has(index);
  }

  add(chunk: Chunk | undefined): void {
    if (!chunk || this.#indices.has(chunk.index)) return;
    this.#indices.add(chunk.index);
    this.#bytes += chunk.end - chunk.start;
    while (this.#indices.has(this.#firstRemaining)) this.#firstRemaining++;
  }
}
