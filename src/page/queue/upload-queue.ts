import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { isFinished, needsWorker } from '../../shared/upload.ts';
import { pauseTransition, resumeTransition } from './transitions.ts';
import type { UploadStore } from './upload-store.ts';
import type { UploadView } from './upload-views.ts';

/**
 * The whole queue. Its commands change many uploads in one transaction, and announce the change
 * once.
 */
export class UploadQueue {
  readonly #db: UploadsDb;
  readonly #store: UploadStore;
  readonly #onChange: () => Promise<void>;

  /** @param onChange is called after a change of the database. */
  constructor(db: UploadsDb, store: UploadStore, onChange: () => Promise<void>) {
    this.#db = db;
    this.#store = store;
    this.#onChange = onChange;
  }

  /** The uploads that are loaded: the first page until `isLoaded`. */
  get items(): readonly UploadView[] {
    return this.#store.items;
  }

  /** The owner of the items. For a moment after sign-in this is still null. */
  get ownerId(): string | null {
    return this.#store.ownerId;
  }

  /** Whether the whole queue is read. */
  get isLoaded(): boolean {
    return this.#store.isLoaded;
  }

  /** Pauses all unfinished uploads. Staging continues. */
  async pause(): Promise<void> {
    if (this.#store.ownerId === null) return;
    await this.#db.updateAll(this.#store.ownerId, ['staging', 'queued', 'uploading', 'waiting'], pauseTransition);
    await this.#onChange();
  }

  /** Continues all paused uploads. */
  async resume(): Promise<void> {
    if (this.#store.ownerId === null) return;
    await this.#db.updateAll(this.#store.ownerId, ['paused'], resumeTransition);
    await this.#onChange();
  }

  /**
   * Removes all uploads of the signed-in user with their staged bytes, at once and offline too.
   * This includes shares, and uploads that only a newer version of the app can show. Unfinished
   * sessions expire on the server.
   */
  async clear(): Promise<void> {
    if (this.#store.ownerId === null) return;
    await Promise.all([this.#db.removeAllOf(this.#store.ownerId), this.#db.shares.removeAllOf(this.#store.ownerId)]);
    await this.#onChange();
  }

  /** Removes those of these uploads that are finished and need nothing from the worker. */
  async removeFinished(ids: readonly string[]): Promise<void> {
    const isRemovable = (id: string) => {
      const upload = this.#store.get(id);
      return upload !== undefined && isFinished(upload) && !needsWorker(upload);
    };
    await this.#db.removeAll(ids.filter(isRemovable));
    await this.#onChange();
  }
}
