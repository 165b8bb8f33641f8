/** Files that are read at once. */
const FILES_AT_ONCE = 200;

/** The bytes `[start, end)` of a file, which is named in errors. */
export interface FilePart {
  readonly file: File;
  readonly start: number;
  readonly end: number;
}

/** The bytes of files one after the other, in their order. */
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

  /**
   * The bytes `[start, end)`. Inside one file this is a slice of that file. The bytes of several
   * files are read: Chromium 156 ends the process of a page that makes Blobs of hundreds of chosen
   * files ("Bad blob references").
   *
   * @throws DOMException `NotReadableError`.
   */
  async slice(start: number, end: number): Promise<Blob> {
    const parts = this.listParts(start, end);
    const [first, second] = parts;
    if (first && !second) return sliceFile(first);
    const contents: ArrayBuffer[] = [];
    for (let n = 0; n < parts.length; n += FILES_AT_ONCE) {
      const group = parts.slice(n, n + FILES_AT_ONCE);
      contents.push(...(await Promise.all(group.map(readPart))));
    }
    return new Blob(contents);
  }

  /** The parts of files that make up the bytes `[start, end)`. */
  listParts(start: number, end: number): FilePart[] {
    const parts: FilePart[] = [];
    for (let n = this.#findFile(start); n < this.#files.length; n++) {
      const [file, fileEnd] = [this.#files[n], this.#ends[n]];
      if (!file || fileEnd === undefined) break;
      const fileStart = fileEnd - file.size;
      if (fileStart >= end) break;
      const part = { file, start: Math.max(0, start - fileStart), end: Math.min(file.size, end - fileStart) };
      if (part.start < part.end) parts.push(part);
    }
    return parts;
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

/** The bytes of a part as a Blob without a name. */
export function sliceFile({ file, start, end }: FilePart): Blob {
  return file.slice(start, end);
}

/** Reads a whole file as it is, because a slice takes half as long again. */
function readPart(part: FilePart): Promise<ArrayBuffer> {
  const isWhole = part.start === 0 && part.end === part.file.size;
  return (isWhole ? part.file : sliceFile(part)).arrayBuffer();
}
