/** Characters that form a path, hide an extension, or that Windows does not store in a name. */
const UNSAFE = /[\p{Cc}\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/gu;

/**
 * Gives the files of a ZIP paths that no platform can mistake: relative, without names that lead
 * out of the folder, and different also where case or Unicode composition does not count.
 */
export class ZipPaths {
  /** Folders and files, in the form in which every platform compares them. */
  readonly #taken = new Set<string>();
  /** The path that each folder was given. */
  readonly #folders = new Map<string, string>();
  /** The last number that each path was given, so that many equal names stay fast. */
  readonly #numbers = new Map<string, number>();

  /** @param segments the names of the folders and of the file, as the sender wrote them. */
  add(segments: readonly string[]): string {
    const names = segments.map(toSafeName);
    const name = names.pop() ?? '_';
    let parent = '';
    for (const folder of names) parent = `${this.#toFolder(parent, folder)}/`;
    return this.#claim(parent, name);
  }

  #toFolder(parent: string, name: string): string {
    const key = toKey(parent + name);
    const path = this.#folders.get(key) ?? this.#claim(parent, name);
    this.#folders.set(key, path);
    return path;
  }

  #claim(parent: string, name: string): string {
    const first = toKey(parent + name);
    let path = parent + name;
    let n = this.#numbers.get(first) ?? 1;
    while (this.#taken.has(toKey(path))) path = parent + addNumber(name, ++n);
    this.#numbers.set(first, n);
    this.#taken.add(toKey(path));
    return path;
  }
}

function toSafeName(name: string): string {
  const safe = name.replace(UNSAFE, '_');
  return /^\.*$/.test(safe) ? safe.replace(/\./g, '_') || '_' : safe;
}

/** `photo.jpg` becomes `photo (2).jpg`. */
function addNumber(name: string, n: number): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)} (${n})${name.slice(dot)}` : `${name} (${n})`;
}

function toKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
