/** A part of a file, and the file, whose name errors need. */
export interface FileSlice {
  readonly file: File;
  readonly slice: Blob;
}

/** The bytes of files one after the other, in their order. Nothing is read. */
export class Concatenation {
  readonly #files: readonly File[];
  /** Where each file ends. */
  readonly #ends: readonly number[];

  constructor(files: readonly File[]) {
    this.#files = files;
    let end = 0;
    this.#ends = files.map(({ size }) => {
      end += size;
      return end;
    });
  }

  /** The bytes `[start, end)`. Inside one file this is a slice of that file. */
  slice(start: number, end: number): Blob {
    const parts = this.sliceFiles(start, end).map(({ slice }) => slice);
    const [first = new Blob(), ...others] = parts;
    return others.length > 0 ? new Blob(parts) : first;
  }

  /** The slices of files that make up the bytes `[start, end)`. */
  sliceFiles(start: number, end: number): FileSlice[] {
    const slices: FileSlice[] = [];
    for (let n = this.#findFile(start); n < this.#files.length; n++) {
      const [file, fileEnd] = [this.#files[n], this.#ends[n]];
      if (!file || fileEnd === undefined) break;
      const fileStart = fileEnd - file.size;
      if (fileStart >= end) break;
      if (file.size > 0) slices.push({ file, slice: file.slice(Math.max(0, start - fileStart), end - fileStart) });
    }
    return slices;
  }

  /** The first file that ends after a position. */
  #findFile(position: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
