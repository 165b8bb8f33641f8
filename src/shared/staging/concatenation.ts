import { yieldToTasks } from '../tasks.ts';

/** Chromium 156 takes 0.1 ms for each file in a Blob, which blocks the page. */
const FILES_PER_TASK = 200;

/** The bytes `[start, end)` of a file, which is named in errors. */
export interface FilePart {
  readonly file: File;
  readonly start: number;
  readonly end: number;
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
  async slice(start: number, end: number): Promise<Blob> {
    const parts = this.listParts(start, end);
    const [first, second] = parts;
    if (first && !second) return sliceFile(first);
    const groups: Blob[] = [];
    for (let n = 0; n < parts.length; n += FILES_PER_TASK) {
      if (n > 0) await yieldToTasks();
      groups.push(new Blob(parts.slice(n, n + FILES_PER_TASK).map(toBlob)));
    }
    return new Blob(groups);
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

/** A whole file as it is, because a slice would double the time. */
function toBlob(part: FilePart): Blob {
  return part.start === 0 && part.end === part.file.size ? part.file : sliceFile(part);
}
