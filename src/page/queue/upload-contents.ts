import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { readChunkStates, readStagedFile } from './chunk-states.ts';
import type { UploadStore } from './upload-store.ts';

/** What lies of an upload in this browser, and what became of its chunks. */
export class UploadContents {
  readonly #db: UploadsDb;
  readonly #store: UploadStore;

  constructor(db: UploadsDb, views: UploadStore) {
    this.#db = db;
    this.#store = views;
  }

  /** What each chunk of an upload is at: one of `CHUNK` for each, in order; empty when there is no such upload. */
  async getChunkStates(id: string): Promise<Uint8Array> {
    const view = this.#store.get(id);
    return view ? readChunkStates(this.#db, view) : new Uint8Array();
  }

  /** One file of an upload; null when it is not all there. */
  async getFile(id: string, n: number): Promise<Blob | null> {
    const view = this.#store.get(id);
    return view ? readStagedFile(this.#db, view, n) : null;
  }
}
