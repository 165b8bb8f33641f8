import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { isFinished, needsWorker } from '../../shared/upload.ts';
import { pauseTransition, resumeTransition } from './transitions.ts';
import type { UploadStore } from './upload-store.ts';
import type { UploadView } from './upload-views.ts';

/** How much of the queue is read, and what is done to many uploads at once: in one transaction, and every tab and the worker are told once. */
export class UploadQueue {
  readonly #db: UploadsDb;
  readonly #store: UploadStore;
  readonly #onChange: () => Promise<void>;

  /** @param changed is called when the database has changed. */
  constructor(db: UploadsDb, views: UploadStore, changed: () => Promise<void>) {
    this.#db = db;
    this.#store = views;
    this.#onChange = changed;
  }

  /** What has been read of it: all, or its beginning until `isWhole`. */
  get items(): readonly UploadView[] {
    return this.#store.items;
  }

  /** Whose it is: for a moment after signing in still nobody's. */
  get ownerId(): string | null {
    return this.#store.ownerId;
  }

  /** Whether it was read to its end. */
  get isLoaded(): boolean {
    return this.#store.isLoaded;
  }

  /** Pauses everything that is not finished; copying goes on. */
  async pause(): Promise<void> {
    if (this.#store.ownerId === null) return;
    await this.#db.updateAll(this.#store.ownerId, ['staging', 'queued', 'uploading', 'waiting'], pauseTransition);
    await this.#onChange();
  }

  /** Lets everything that is paused go on. */
  async resume(): Promise<void> {
    if (this.#store.ownerId === null) return;
    await this.#db.updateAll(this.#store.ownerId, ['paused'], resumeTransition);
    await this.#onChange();
  }

  /**
   * Forgets every upload of the signed-in user with its copied bytes, at once and offline too, those that only a newer version
   * of the app could show included; what the server has of unfinished ones expires there.
   */
  async clear(): Promise<void> {
    if (this.#store.ownerId === null) return;
    await this.#db.removeAllOf(this.#store.ownerId);
    await this.#onChange();
  }

  /** Forgets those of these that have arrived or are cancelled, and of which the worker has nothing left to do. */
  async removeFinished(ids: readonly string[]): Promise<void> {
    const isOver = (id: string) => {
      const upload = this.#store.get(id);
      return upload !== undefined && isFinished(upload) && !needsWorker(upload);
    };
    await this.#db.removeAll(ids.filter(isOver));
    await this.#onChange();
  }
}
