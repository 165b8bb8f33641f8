import type { KeptBytes } from '../ports/transport.ts';

/** What the server kept of the chunks of one upload whose requests were cut. */
export class KeptChunks {
  /** Chunks whose requests were cut, of which the server may have kept the first bytes. */
  readonly #cut = new Set<number>();
  readonly #kept = new Map<number, KeptBytes>();
  /** Chunks of which the server keeps other bytes than those of the upload. */
  readonly #differing = new Set<number>();

  /** The chunks that the server has to be asked about. */
  get cut(): readonly number[] {
    return [...this.#cut];
  }

  isCut(index: number): boolean {
    return this.#cut.has(index);
  }

  addCut(index: number): void {
    this.#cut.add(index);
  }

  /** Another request of the chunk was sent. */
  removeCut(index: number): void {
    this.#cut.delete(index);
  }

  /** The first bytes of a chunk, if they are the same as those of the upload. */
  get(index: number): KeptBytes | null {
    return this.#kept.get(index) ?? null;
  }

  /** The kept bytes of some chunks. */
  countBytes(counts: (index: number) => boolean): number {
    let bytes = 0;
    for (const { index, start, end } of this.#kept.values()) if (counts(index)) bytes += end - start;
    return bytes;
  }

  /** Whether the server keeps other bytes than those of the upload. */
  isDifferent(index: number): boolean {
    return this.#differing.has(index);
  }

  /**
   * Records the answer about a chunk.
   *
   * @param kept null if the server keeps nothing of it, or other bytes than those of the upload.
   * @returns whether the last attempt brought bytes.
   */
  record(index: number, kept: KeptBytes | null, isDifferent: boolean): boolean {
    const endBefore = this.#kept.get(index)?.end ?? 0;
    this.#cut.delete(index);
    this.#kept.delete(index);
    if (isDifferent) this.#differing.add(index);
    else this.#differing.delete(index);
    if (!kept) return false;
    this.#kept.set(index, kept);
    return kept.end > endBefore;
  }
}
