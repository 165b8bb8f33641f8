import { isDrivable, isFinished } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import type { UploadView } from './shown.ts';
import { pauseStep, resumeStep } from './steps.ts';
import type { Views } from './views.ts';

/** How much of the queue is read, and what is done to many uploads at once: in one transaction, and every tab and the worker are told once. */
export class WholeQueue {
  readonly #db: UploadsDb;
  readonly #views: Views;
  readonly #changed: () => Promise<void>;

  /** @param changed is called when the database has changed. */
  constructor(db: UploadsDb, views: Views, changed: () => Promise<void>) {
    this.#db = db;
    this.#views = views;
    this.#changed = changed;
  }

  /** What has been read of it: all, or its beginning until `isWhole`. */
  get known(): readonly UploadView[] {
    return this.#views.known;
  }

  /** Whose it is: for a moment after signing in still nobody's. */
  get owner(): string | null {
    return this.#views.owner;
  }

  /** Whether it was read to its end. */
  get isWhole(): boolean {
    return this.#views.isWhole;
  }

  /** Pauses everything that is not finished; copying goes on. */
  async pause(): Promise<void> {
    if (this.#views.owner === null) return;
    await this.#db.changeAll(this.#views.owner, ['staging', 'queued', 'uploading', 'waiting'], pauseStep);
    await this.#changed();
  }

  /** Lets everything that is paused go on. */
  async resume(): Promise<void> {
    if (this.#views.owner === null) return;
    await this.#db.changeAll(this.#views.owner, ['paused'], resumeStep);
    await this.#changed();
  }

  /**
   * Forgets every upload of the signed-in user with its copied bytes, at once and offline too, those that only a newer version
   * of the app could show included; what the server has of unfinished ones expires there.
   */
  async forgetAll(): Promise<void> {
    if (this.#views.owner === null) return;
    await this.#db.removeAllOf(this.#views.owner);
    await this.#changed();
  }

  /** Forgets those of these that have arrived or are cancelled, and of which the worker has nothing left to do. */
  async forget(ids: readonly string[]): Promise<void> {
    const isOver = (id: string) => {
      const upload = this.#views.get(id);
      return upload !== undefined && isFinished(upload) && !isDrivable(upload);
    };
    await this.#db.removeAll(ids.filter(isOver));
    await this.#changed();
  }
}
