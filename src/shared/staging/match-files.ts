import type { UploadsDb } from '../db/uploads-db.ts';
import { type PickedFile, toFile, toFileInfo } from '../file-info.ts';
import { mapInTasks } from '../tasks.ts';
import type { FileInfo, Upload } from '../upload.ts';
import { Concatenation } from './concatenation.ts';
import { countStaged, readPieces } from './pieces.ts';
import { createDifferentFileError, createStagingError } from './staging-errors.ts';

/**
 * Compares files that the user chose again with the staged pieces, so that two versions of a file
 * are never mixed.
 *
 * @returns the files in the order of the upload, because the user cannot choose the order of
 * several files.
 * @throws UploadError `different_file`.
 */
export async function matchChosenFiles(db: UploadsDb, upload: Upload, chosen: readonly PickedFile[]): Promise<File[]> {
  await mapInTasks(chosen, (picked) => toFile(picked).size);
  const files = sortLikeUpload(upload, await db.listFiles(upload), chosen);
  const bytes = new Concatenation(files);
  const pieces = await readPieces(db, upload);
  for (const { n, start, end } of pieces.slice(0, countStaged(pieces, upload.stagedBytes))) {
    const [stored] = await db.pieces(upload.id, n, n + 1);
    const chosenBytes = bytes.slice(start, end).then((slice) => slice.arrayBuffer());
    // Read and not composed, for the reason in staged-bytes.ts.
    const storedBytes = stored instanceof Blob ? stored.arrayBuffer() : (stored ?? new ArrayBuffer(0));
    const [a, b] = await Promise.all([chosenBytes, storedBytes]).catch(async (error: unknown) => {
      throw await createStagingError(error, upload, bytes.listParts(start, end));
    });
    // The only native comparison of bytes in a page.
    if (indexedDB.cmp(a, b) !== 0) throw createDifferentFileError(upload);
  }
  return files;
}

/**
 * The chosen files in the order of the upload's list. Files are found by path, name and size, then
 * by name and size alone: a file that is chosen alone has no path.
 */
function sortLikeUpload(upload: Upload, list: readonly FileInfo[], chosen: readonly PickedFile[]): File[] {
  const left = new ChosenFiles(chosen);
  const found = list.map((info) => left.take(info, true));
  const files = list.map((info, n) => {
    const file = found[n] ?? left.take(info, false);
    if (!file) throw createDifferentFileError(upload);
    return file;
  });
  if (left.hasSurplus) throw createDifferentFileError(upload);
  return files;
}

/** The chosen files that are not matched yet. Two maps, because a batch has 100,000 files. */
class ChosenFiles {
  readonly #left = new Set<File>();
  readonly #byPath = new Map<string, File[]>();
  readonly #byName = new Map<string, File[]>();
  readonly #fromFolders = new Set<File>();

  constructor(chosen: readonly PickedFile[]) {
    for (const picked of chosen) {
      const [file, info] = [toFile(picked), toFileInfo(picked)];
      this.#left.add(file);
      if (info.path !== undefined) this.#fromFolders.add(file);
      for (const [map, hasPath] of [
        [this.#byPath, true],
        [this.#byName, false],
      ] as const) {
        const key = createKey(info, hasPath);
        map.set(key, [...(map.get(key) ?? []), file]);
      }
    }
  }

  /** Whether a file is left that the user chose alone. A folder may have more files than before. */
  get hasSurplus(): boolean {
    return [...this.#left].some((file) => !this.#fromFolders.has(file));
  }

  take(info: FileInfo, hasPath: boolean): File | undefined {
    const files = (hasPath ? this.#byPath : this.#byName).get(createKey(info, hasPath)) ?? [];
    for (let file = files.shift(); file; file = files.shift()) if (this.#left.delete(file)) return file;
    return undefined;
  }
}

function createKey({ path, name, sizeBytes }: FileInfo, hasPath: boolean): string {
  return JSON.stringify([hasPath ? path : '', name, sizeBytes]);
}
