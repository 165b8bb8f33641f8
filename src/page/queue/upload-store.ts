import type { Conditions, QueueCloseForecast } from '../../shared/close-forecast.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Progress } from '../../shared/messages.ts';
import { isFinished, type Upload } from '../../shared/upload.ts';
import { readPages } from './pages.ts';
import { mergeProgress, readProgress } from './progress.ts';
import { type Row, type UploadView, UploadViews } from './upload-views.ts';

/** A listener is called no more often than a screen is worth redrawing. */
const NOTIFY_INTERVAL_MS = 100;
/** More than a window shows: so many are read in some ms, ten thousand in many hundred. */
const FIRST_PAGE_SIZE = 50;

/** Every upload of one user as it stands, kept up to date by hints, and told to whoever listens. */
export class UploadStore {
  readonly #db: UploadsDb;
  readonly #rows = new Map<string, Row>();
  readonly #views = new UploadViews(this.#rows);
  readonly #listeners = new Set<(uploads: readonly UploadView[]) => void>();
  #ownerId: string | null = null;
  #isLoaded = true;
  /** For each reading of all of it that is under way: what was read again meanwhile, and may be newer. */
  readonly #activeReads = new Set<Set<string>>();
  #isNotifyScheduled = false;
  #notifiedAt = Number.NEGATIVE_INFINITY;

  constructor(db: UploadsDb) {
    this.#db = db;
  }

  /** All of them, in their order; none before the list was read to its end. */
  get all(): readonly UploadView[] {
    return this.#isLoaded ? this.items : [];
  }

  /** As far as the list was read. */
  get items(): readonly UploadView[] {
    return this.#views.all;
  }

  /** Whether the list was read to its end. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whose uploads these are; null for nobody's. */
  get ownerId(): string | null {
    return this.#ownerId;
  }

  get(id: string): UploadView | undefined {
    return this.#views.get(id);
  }

  /** What becomes of all of them if every page is closed now. */
  get closeForecast(): QueueCloseForecast {
    return this.#views.closeForecast;
  }

  /** What the future of the uploads hangs on has changed. */
  onConditions(outlook: Conditions): void {
    this.#views.onConditions(outlook);
    this.scheduleNotify();
  }

  /** Whose uploads these are from now on; those of the user before are gone at once. */
  setOwner(ownerId: string | null): void {
    if (ownerId === this.#ownerId) return;
    this.#ownerId = ownerId;
    this.#rows.clear();
    this.#views.invalidate();
    this.#isLoaded = ownerId === null;
    this.#callListeners();
  }

  /** Reads the beginning of a list that was not read yet: of a short one, all of it. */
  async loadFirstPage(): Promise<void> {
    const ownerId = this.#ownerId;
    if (ownerId === null || this.#isLoaded) return;
    await this.#readList(async () => {
      const { uploads, nextRank } = await this.#db.readPage(ownerId, undefined, FIRST_PAGE_SIZE);
      const rows = await this.#readRows(uploads);
      // Meanwhile all of it may have been read, in a call of its own, or another user have signed in.
      if (this.#isLoaded || this.#ownerId !== ownerId) return;
      this.#isLoaded = nextRank === null;
      this.#addRows(rows);
    });
  }

  /** Reads all uploads of the owner anew; where none is known yet the beginning first. */
  async loadAll(): Promise<void> {
    if (this.#rows.size === 0 && !this.#isLoaded) {
      await this.loadFirstPage();
      if (this.#isLoaded) return;
    }
    await this.#readList(async () => {
      const rows = await this.#readAll();
      if (!rows) return;
      this.#rows.clear();
      this.#isLoaded = true;
      this.#addRows(rows);
    });
  }

  /** Reads a record again; null when it is gone or somebody else's. */
  async refresh(id: string): Promise<Row | null> {
    const upload = await this.#db.get(id);
    const read = upload && (await this.#readRow(upload));
    const row = read?.ownerId === this.#ownerId ? read : null;
    if (row) this.#rows.set(id, row);
    else this.#rows.delete(id);
    for (const again of this.#activeReads) again.add(id);
    this.scheduleNotify();
    return row;
  }

  /** Reads a list; what was told of meanwhile is newer than what was read, and is read again. */
  async #readList(read: () => Promise<void>): Promise<void> {
    const again = new Set<string>();
    this.#activeReads.add(again);
    await read().finally(() => this.#activeReads.delete(again));
    await Promise.all(Array.from(again, (id) => this.refresh(id)));
  }

  setProgress(progress: Progress): void {
    const row = this.#rows.get(progress.id);
    // What is over has its record's: a word that was late would stand there for good.
    if (!row || isFinished(row)) return;
    this.#rows.set(progress.id, { ...row, progress });
    this.scheduleNotify();
  }

  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    this.#listeners.add(listener);
    listener(this.all);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Waits until an upload is as it should be, for as long as its owner is away too; undefined stands for one that is gone.
   *
   * @param signal ends the waiting: rejects with its reason.
   */
  waitFor(
    { id, ownerId }: Upload,
    is: (upload: UploadView | undefined) => boolean,
    signal?: AbortSignal,
  ): Promise<UploadView | undefined> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = this.subscribe(() => {
        // Nobody's and another user's list say nothing of it, nor the beginning of a list: it pends until its own is there.
        if (this.#ownerId !== ownerId || !this.#isLoaded) return;
        const upload = this.get(id);
        if (!is(upload)) return;
        // Later, because a snapshot that settles it at once comes before `stop` is known.
        queueMicrotask(() => {
          stop();
          signal?.removeEventListener('abort', giveUp);
        });
        resolve(upload);
      });
      const giveUp = () => {
        stop();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** All of the owner's rows; null where another user has signed in while they were read. */
  async #readAll(): Promise<Row[] | null> {
    const ownerId = this.#ownerId;
    const rows: Row[] = [];
    if (ownerId === null) return rows;
    for await (const uploads of readPages(this.#db, ownerId)) {
      rows.push(...(await this.#readRows(uploads)));
      if (this.#ownerId !== ownerId) return null;
    }
    return rows;
  }

  #readRows(uploads: readonly Upload[]): Promise<Row[]> {
    return Promise.all(uploads.map((upload) => this.#readRow(upload)));
  }

  async #readRow(upload: Upload): Promise<Row> {
    const progress = await readProgress(this.#db, upload);
    // Looked up after the last wait: what the worker said meanwhile is newer.
    return { ...upload, progress: mergeProgress(upload, progress, this.#rows.get(upload.id)) };
  }

  #addRows(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(row.id, row);
    this.#notify();
  }

  /** Tells that something has changed, here or in what is shown beside the uploads. */
  scheduleNotify(): void {
    this.#views.invalidate();
    if (this.#isNotifyScheduled) return;
    this.#isNotifyScheduled = true;
    // Many hints of one moment are one change to a listener; a timer, because hidden tabs have no animation frames.
    setTimeout(() => this.#notify(), Math.max(0, this.#notifiedAt + NOTIFY_INTERVAL_MS - performance.now()));
  }

  #notify(): void {
    this.#views.invalidate();
    this.#isNotifyScheduled = false;
    this.#notifiedAt = performance.now();
    if (this.#isLoaded) this.#callListeners();
  }

  #callListeners(): void {
    const { all } = this;
    for (const listener of this.#listeners) listener(all);
  }
}
