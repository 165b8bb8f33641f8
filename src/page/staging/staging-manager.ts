import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { getErrorMessage, UploadError } from '../../shared/errors.ts';
import { getStagingIds, stage } from '../../shared/staging/staging.ts';
import { getReadyState, isFinished, type Upload, withState } from '../../shared/upload.ts';
import type { Announce } from '../announce.ts';
import type { Bridge } from '../bridge.ts';
import { createFailTransition, interruptTransition } from '../queue/transitions.ts';
import { FirstChunkGate } from './first-chunk-gate.ts';

interface StagingManagerDependencies {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly announce: Announce;
  readonly closed: AbortSignal;
}

/** Stages the files of this page, and finds uploads whose staging another tab left unfinished. */
export class StagingManager {
  readonly #db: UploadsDb;
  readonly #announce: Announce;
  readonly #closed: AbortSignal;
  readonly #firstChunkGate: FirstChunkGate;
  #running = 0;

  constructor({ db, bridge, announce, closed }: StagingManagerDependencies) {
    this.#db = db;
    this.#announce = announce;
    this.#closed = closed;
    this.#firstChunkGate = new FirstChunkGate(bridge);
  }

  /**
   * Stages files in the background. A file that cannot be staged fails its upload.
   *
   * @returns a promise that resolves when the upload is staged or has failed. It never rejects.
   */
  start(id: string, files: readonly File[]): Promise<void> {
    this.#countRunning(1);
    return this.#stage(id, files).finally(() => this.#countRunning(-1));
  }

  /**
   * Continues an interrupted staging with its files, which the user chose again.
   *
   * @param files in the order of the upload.
   */
  async resume(id: string, files: readonly File[]): Promise<void> {
    const resumed = await this.#db.update(id, (before) => withState(before, getReadyState(before)));
    if (resumed && !isFinished(resumed)) void this.start(id, files);
    await this.#announce(id, resumed);
  }

  /** Marks an upload that no tab is staging, so that it waits for its file. Returns its record. */
  async markIfInterrupted(id: string): Promise<Upload | undefined> {
    const stagingIds = await getStagingIds();
    return stagingIds.has(id) ? this.#db.get(id) : this.#db.update(id, interruptTransition);
  }

  /**
   * Marks all uploads that no tab is staging.
   *
   * @param uploads a list from before this call: an upload that is queued during the call must not
   * look interrupted.
   */
  async markInterrupted(uploads: readonly Upload[]): Promise<void> {
    const unmarked = uploads.filter((upload) => !isFinished(upload) && interruptTransition(upload) !== null);
    if (unmarked.length === 0) return;
    const stagingIds = await getStagingIds();
    for (const { id } of unmarked) {
      if (!stagingIds.has(id)) await this.#announce(id, await this.#db.update(id, interruptTransition));
    }
  }

  async #stage(id: string, files: readonly File[]): Promise<void> {
    try {
      const onStaged = (upload: Upload) => this.#announceLater(upload);
      await stage(this.#db, id, files, onStaged, () => this.#firstChunkGate.wait(id));
    } catch (error) {
      // A closed client stages no more. The next page finds the interrupted upload.
      if (this.#closed.aborted) return;
      const code = error instanceof UploadError ? error.code : 'unreadable_file';
      if (code === 'unknown_upload') return;
      const failed = await this.#db.update(id, createFailTransition(code, getErrorMessage(error)));
      if (failed) this.#announceLater(failed);
    }
  }

  /**
   * Listens only while staging runs: a `beforeunload` listener keeps a page out of the back/forward
   * cache.
   */
  #countRunning(change: 1 | -1): void {
    this.#running += change;
    if (this.#running > 0) addEventListener('beforeunload', confirmLeaving);
    else removeEventListener('beforeunload', confirmLeaving);
  }

  #announceLater(upload: Upload): void {
    void this.#announce(upload.id, upload).catch(() => undefined);
  }
}

/** Lets the browser ask, in its own words, whether the user wants to leave. */
function confirmLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
