import { messageOf, UploadError } from '../shared/errors.ts';
import { beingStaged, sameFiles, stage } from '../shared/staging.ts';
import { become, isFinished, isStaged, readyState, type Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import type { Bridge } from './bridge.ts';
import { HeadStarts } from './head-starts.ts';
import { cutOffStep, failStep } from './steps.ts';

/** What copies are made with. */
interface CopiesParts {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  /** Called after each step with the upload's id. */
  readonly told: (id: string) => Promise<void>;
  readonly closed: AbortSignal;
}

/** The copying of picked files into the database: started here, and found again where another tab left it unfinished. */
export class Copies {
  readonly #db: UploadsDb;
  readonly #told: (id: string) => Promise<void>;
  readonly #closed: AbortSignal;
  readonly #headStarts: HeadStarts;
  #running = 0;

  constructor({ db, bridge, told, closed }: CopiesParts) {
    this.#db = db;
    this.#told = told;
    this.#closed = closed;
    this.#headStarts = new HeadStarts(bridge);
  }

  /** Copies in the background; a file that cannot be copied fails its upload. */
  start(id: string, files: readonly File[]): void {
    void this.#copy(id, files).finally(() => this.#count(-1));
    this.#count(1);
  }

  /**
   * Goes on with files that were chosen again.
   *
   * @throws UploadError `different_file`, `unknown_upload`.
   */
  async goOn(id: string, chosen: readonly File[]): Promise<void> {
    const upload = await this.#db.get(id);
    if (!upload) throw new UploadError('unknown_upload', 'This upload was removed.');
    const files = await sameFiles(this.#db, upload, chosen);
    const again = await this.#db.change(id, (before) => become(before, readyState(before)));
    if (again && !isFinished(again)) this.start(id, files);
    await this.#told(id);
  }

  /** Marks an upload that no tab is copying, or waits to, so that its file is asked for. */
  async markIfCutOff(id: string): Promise<void> {
    const running = await beingStaged();
    if (!running.has(id)) await this.#db.change(id, cutOffStep);
  }

  /**
   * Marks those that nobody copies any more, so that their files are asked for.
   *
   * @param listed read before: an upload that is queued between the two questions must not look abandoned.
   */
  async markCutOff(listed: readonly Upload[]): Promise<void> {
    const uploads = listed.filter((upload) => !isFinished(upload) && !isStaged(upload));
    if (uploads.length === 0) return;
    const running = await beingStaged();
    for (const { id } of uploads) {
      if (running.has(id)) continue;
      await this.#db.change(id, cutOffStep);
      await this.#told(id);
    }
  }

  async #copy(id: string, files: readonly File[]): Promise<void> {
    try {
      const headStart = () => this.#headStarts.of(id);
      await stage(this.#db, id, files, () => this.#tell(id), headStart);
    } catch (error) {
      // A closed client copies no more; the next one finds what it left.
      if (this.#closed.aborted) return;
      const code = error instanceof UploadError ? error.code : 'unreadable_file';
      if (code === 'unknown_upload') return;
      await this.#db.change(id, failStep(code, messageOf(error)));
      this.#tell(id);
    }
  }

  // Listened to only while bytes would be lost: the listener alone keeps a page out of the back/forward cache.
  #count(by: 1 | -1): void {
    this.#running += by;
    if (this.#running > 0) addEventListener('beforeunload', askToStay);
    else removeEventListener('beforeunload', askToStay);
  }

  #tell(id: string): void {
    void this.#told(id).catch(() => undefined);
  }
}

/** Has the browser ask whether the page may go, in its own words. */
function askToStay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
