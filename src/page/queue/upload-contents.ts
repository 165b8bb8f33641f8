import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { findStagedFile } from '../../shared/staging/staged-bytes.ts';
import type { FileInfo } from '../../shared/upload.ts';
import { readChunkStates } from './chunk-states.ts';
import type { UploadStore } from './upload-store.ts';

/** The chunks, the file lists and the staged files of uploads. */
export class UploadContents {
  readonly #db: UploadsDb;
  readonly #store: UploadStore;

  constructor(db: UploadsDb, store: UploadStore) {
    this.#db = db;
    this.#store = store;
  }

  /** One of `CHUNK_STATE` for each chunk of an upload, in order; empty for an unknown upload. */
  async getChunkStates(id: string): Promise<Uint8Array> {
    const view = this.#store.get(id);
    return view ? readChunkStates(this.#db, view) : new Uint8Array();
  }

  /** The files `[from, to)` of an upload, by default all of them; empty for an unknown upload. */
  async listFiles(id: string, from?: number, to?: number): Promise<FileInfo[]> {
    const view = this.#store.get(id);
    return view ? this.#db.listFiles(view, from, to) : [];
  }

  /** The file at position `n` of an upload, counted from 0; null if it is not fully staged. */
  async getFile(id: string, n: number): Promise<Blob | null> {
    const view = this.#store.get(id);
    return view ? findStagedFile(this.#db, view, n) : null;
  }
}
