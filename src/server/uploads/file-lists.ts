import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReceivedBlob } from '../store/byte-store.ts';
import { encodeFileList, type FileList, readFileList, type StoredEntry } from '../store/file-list.ts';
import { KeyedMutex } from '../store/keyed-mutex.ts';
import type { Storage } from '../store/storage.ts';
import type { Batch, BatchFile } from '../store/upload-store.ts';
import { checkListSize, type ListFacts, parseFileList } from './file-list-form.ts';

const PAGE = 1000;

/** One file of a batch, as its sender sees it. */
export interface ListedFile extends StoredEntry {
  /** The stored file of the batch that `start` refers to. */
  readonly storedIndex: number;
}

/** The files of a batch by the page, whether it has a list or not. */
export class FileLists {
  readonly #storage: Pick<Storage, 'uploads' | 'bytes'>;
  readonly #mutex = new KeyedMutex();

  constructor(storage: Pick<Storage, 'uploads' | 'bytes'>) {
    this.#storage = storage;
  }

  /**
   * Checks a list that was received as JSON, and stores it while `work` runs, which may commit it.
   *
   * @throws ApiError 422 `bad_file_list` or `too_many_files`.
   */
  async receive<T>(
    received: ReceivedBlob | undefined,
    facts: ListFacts,
    work: (fileList?: FileList) => Promise<T>,
  ): Promise<T> {
    if (!received) return work();
    const fileList = await this.#store(received, facts);
    try {
      return await work(fileList);
    } finally {
      await this.#storage.bytes.remove([fileList.blob]);
    }
  }

  /** Reads the files `[from, from + limit)` of a batch. */
  async read(batch: Batch, from: number, limit: number): Promise<ListedFile[]> {
    const { fileList } = batch;
    if (!fileList) return batch.files.map(toListedFile).slice(from, from + limit);
    const findList = async () => (await this.#findNewest(batch)).fileList ?? fileList;
    const entries = await readFileList(this.#storage.bytes, findList, from, limit);
    return entries.map((entry) => ({ ...entry, storedIndex: 0 }));
  }

  /** Reads all files of a batch, a page at a time. */
  async *readAll(batch: Batch): AsyncGenerator<ListedFile> {
    for (let from = 0; from < countFiles(batch); from += PAGE) yield* await this.read(batch, from, PAGE);
  }

  /** Opens the bytes `[from, to)` of a file of a batch. */
  async open(batch: Batch, { storedIndex, start }: ListedFile, from: number, to: number): Promise<Readable> {
    const stored = (await this.#findNewest(batch)).files[storedIndex];
    return this.#storage.bytes.read(stored?.parts ?? [], start + from, start + to);
  }

  /** Opens the concatenation of all listed files of a batch. */
  async openAll(batch: Batch): Promise<Readable> {
    const [stored] = (await this.#findNewest(batch)).files;
    return this.#storage.bytes.read(stored?.parts ?? [], 0, stored?.sizeBytes ?? 0);
  }

  async #store({ blob, sizeBytes }: ReceivedBlob, facts: ListFacts): Promise<FileList> {
    checkListSize(sizeBytes);
    const { bytes } = this.#storage;
    // One at a time: a list takes several times its size of memory.
    return this.#mutex.run('list', async () => {
      const entries = await parseFileList(await text(bytes.read([{ blob, sizeBytes }], 0, sizeBytes)), facts);
      const stored = await bytes.receive(Readable.from([encodeFileList(entries)]));
      return { blob: stored.blob, sizeBytes: stored.sizeBytes, fileCount: entries.length, hasDigests: false };
    });
  }

  /** The bytes may have moved since a request found the batch. */
  async #findNewest(batch: Batch): Promise<Batch> {
    return (await this.#storage.uploads.findBatch(batch.batchId)) ?? batch;
  }
}

/** The number of files of a batch. */
export function countFiles({ files, fileList }: Batch): number {
  return fileList?.fileCount ?? files.length;
}

function toListedFile({ name, type, sizeBytes, sha256 }: BatchFile, storedIndex: number): ListedFile {
  return { name, path: null, type, sizeBytes, modifiedAt: null, sha256, start: 0, storedIndex };
}
