import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { getErrorMessage, UploadError } from '../../shared/errors.ts';
import { getStagingIds, matchChosenFiles, stage } from '../../shared/staging/staging.ts';
import { getReadyState, isFinished, isStaged, type Upload, withState } from '../../shared/upload.ts';
import type { Bridge } from '../bridge.ts';
import { createFailTransition, interruptTransition } from '../queue/transitions.ts';
import { FirstChunkGate } from './first-chunk-gate.ts';

/** What copies are made with. */
interface StagingManagerDependencies {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  /** Called after each step with the upload's id. */
  readonly onChange: (id: string) => Promise<void>;
  readonly closed: AbortSignal;
}

/** The copying of picked files into the database: started here, and found again where another tab left it unfinished. */
export class StagingManager {
  readonly #db: UploadsDb;
  readonly #onChange: (id: string) => Promise<void>;
  readonly #closed: AbortSignal;
  readonly #firstChunkGate: FirstChunkGate;
  #running = 0;

  constructor({ db, bridge, onChange: told, closed }: StagingManagerDependencies) {
    this.#db = db;
    this.#onChange = told;
    this.#closed = closed;
    this.#firstChunkGate = new FirstChunkGate(bridge);
  }

  /** Copies in the background; a file that cannot be copied fails its upload. */
  start(id: string, files: readonly File[]): void {
    void this.#stage(id, files).finally(() => this.#countRunning(-1));
    this.#countRunning(1);
  }

  /**
   * Goes on with files that were chosen again.
   *
   * @throws UploadError `different_file`, `unknown_upload`.
   */
  async resume(id: string, chosen: readonly File[]): Promise<void> {
    const upload = await this.#db.get(id);
    if (!upload) throw new UploadError('unknown_upload', 'This upload was removed.');
    const files = await matchChosenFiles(this.#db, upload, chosen);
    const again = await this.#db.update(id, (before) => withState(before, getReadyState(before)));
    if (again && !isFinished(again)) this.start(id, files);
    await this.#onChange(id);
  }

  /** Marks an upload that no tab is copying, or waits to, so that its file is asked for. */
  async markIfInterrupted(id: string): Promise<void> {
    const running = await getStagingIds();
    if (!running.has(id)) await this.#db.update(id, interruptTransition);
  }

  /**
   * Marks those that nobody copies any more, so that their files are asked for.
   *
   * @param listed read before: an upload that is queued between the two questions must not look abandoned.
   */
  async markInterrupted(listed: readonly Upload[]): Promise<void> {
    const uploads = listed.filter((upload) => !isFinished(upload) && !isStaged(upload));
    if (uploads.length === 0) return;
    const running = await getStagingIds();
    for (const { id } of uploads) {
      if (running.has(id)) continue;
      await this.#db.update(id, interruptTransition);
      await this.#onChange(id);
    }
  }

  async #stage(id: string, files: readonly File[]): Promise<void> {
    try {
      const headStart = () => this.#firstChunkGate.wait(id);
      await stage(this.#db, id, files, () => this.#announce(id), headStart);
    } catch (error) {
      // A closed client copies no more; the next one finds what it left.
      if (this.#closed.aborted) return;
      const code = error instanceof UploadError ? error.code : 'unreadable_file';
      if (code === 'unknown_upload') return;
      await this.#db.update(id, createFailTransition(code, getErrorMessage(error)));
      this.#announce(id);
    }
  }

  // Listened to only while bytes would be lost: the listener alone keeps a page out of the back/forward cache.
  #countRunning(by: 1 | -1): void {
    this.#running += by;
    if (this.#running > 0) addEventListener('beforeunload', confirmLeaving);
    else removeEventListener('beforeunload', confirmLeaving);
  }

  #announce(id: string): void {
    void this.#onChange(id).catch(() => undefined);
  }
}

/** Has the browser ask whether the page may go, in its own words. */
function confirmLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
