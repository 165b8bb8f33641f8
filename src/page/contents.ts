import type { UploadsDb } from '../shared/uploads-db.ts';
import { chunkStates, stagedFile } from './chunk-states.ts';
import type { Views } from './views.ts';

/** What lies of an upload in this browser, and what became of its chunks. */
export class Contents {
  readonly #db: UploadsDb;
  readonly #views: Views;

  constructor(db: UploadsDb, views: Views) {
    this.#db = db;
    this.#views = views;
  }

  /** What each chunk of an upload is at: one of `CHUNK` for each, in order; empty when there is no such upload. */
  async chunks(id: string): Promise<Uint8Array> {
    const view = this.#views.get(id);
    return view ? chunkStates(this.#db, view) : new Uint8Array();
  }

  /** One file of an upload; null when it is not all there. */
  async file(id: string, n: number): Promise<Blob | null> {
    const view = this.#views.get(id);
    return view ? stagedFile(this.#db, view, n) : null;
  }
}
