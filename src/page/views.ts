import type { Outlook, QueueClosing } from '../shared/forecast.ts';
import type { Progress } from '../shared/messages.ts';
import { isFinished, type Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import { newest, progressOf } from './progress-of.ts';
import { type Row, Shown, type UploadView } from './shown.ts';
import { slices } from './slices.ts';

/** A listener is called no more often than a screen is worth redrawing. */
const TELL_EVERY_MS = 100;
/** More than a window shows: so many are read in some ms, ten thousand in many hundred. */
const BEGINNING = 50;

/** Every upload of one user as it stands, kept up to date by hints, and told to whoever listens. */
export class Views {
  readonly #db: UploadsDb;
  readonly #rows = new Map<string, Row>();
  readonly #shown = new Shown(this.#rows);
  readonly #listeners = new Set<(uploads: readonly UploadView[]) => void>();
  #ownerId: string | null = null;
  #isWhole = true;
  /** For each reading of all of it that is under way: what was read again meanwhile, and may be newer. */
  readonly #readings = new Set<Set<string>>();
  #willTell = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(db: UploadsDb) {
    this.#db = db;
  }

  /** All of them, in their order; none before the list was read to its end. */
  get all(): readonly UploadView[] {
    return this.#isWhole ? this.known : [];
  }

  /** As far as the list was read. */
  get known(): readonly UploadView[] {
    return this.#shown.all;
  }

  /** Whether the list was read to its end. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whose uploads these are; null for nobody's. */
  get owner(): string | null {
    return this.#ownerId;
  }

  get(id: string): UploadView | undefined {
    return this.#shown.get(id);
  }

  /** What becomes of all of them if every page is closed now. */
  get closing(): QueueClosing {
    return this.#shown.closing;
  }

  /** What the future of the uploads hangs on has changed. */
  expect(outlook: Outlook): void {
    this.#shown.expect(outlook);
    this.tell();
  }

  /** Whose uploads these are from now on; those of the user before are gone at once. */
  setOwner(ownerId: string | null): void {
    if (ownerId === this.#ownerId) return;
    this.#ownerId = ownerId;
    this.#rows.clear();
    this.#shown.changed();
    this.#isWhole = ownerId === null;
    this.#call();
  }

  /** Reads the beginning of a list that was not read yet: of a short one, all of it. */
  async begin(): Promise<void> {
    const ownerId = this.#ownerId;
    if (ownerId === null || this.#isWhole) return;
    await this.#reading(async () => {
      const { uploads, nextRank } = await this.#db.slice(ownerId, undefined, BEGINNING);
      const rows = await this.#rowsOf(uploads);
      // Meanwhile all of it may have been read, in a call of its own, or another user have signed in.
      if (this.#isWhole || this.#ownerId !== ownerId) return;
      this.#isWhole = nextRank === null;
      this.#take(rows);
    });
  }

  /** Reads all uploads of the owner anew; where none is known yet the beginning first. */
  async load(): Promise<void> {
    if (this.#rows.size === 0 && !this.#isWhole) {
      await this.begin();
      if (this.#isWhole) return;
    }
    await this.#reading(async () => {
      const rows = await this.#readAll();
      if (!rows) return;
      this.#rows.clear();
      this.#isWhole = true;
      this.#take(rows);
    });
  }

  /** Reads a record again; null when it is gone or somebody else's. */
  async refresh(id: string): Promise<Row | null> {
    const upload = await this.#db.get(id);
    const read = upload && (await this.#rowOf(upload));
    const row = read?.ownerId === this.#ownerId ? read : null;
    if (row) this.#rows.set(id, row);
    else this.#rows.delete(id);
    for (const again of this.#readings) again.add(id);
    this.tell();
    return row;
  }

  /** Reads a list; what was told of meanwhile is newer than what was read, and is read again. */
  async #reading(read: () => Promise<void>): Promise<void> {
    const again = new Set<string>();
    this.#readings.add(again);
    await read().finally(() => this.#readings.delete(again));
    await Promise.all(Array.from(again, (id) => this.refresh(id)));
  }

  progress(progress: Progress): void {
    const row = this.#rows.get(progress.id);
    // What is over has its record's: a word that was late would stand there for good.
    if (!row || isFinished(row)) return;
    this.#rows.set(progress.id, { ...row, progress });
    this.tell();
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
  until(
    { id, ownerId }: Upload,
    is: (upload: UploadView | undefined) => boolean,
    signal?: AbortSignal,
  ): Promise<UploadView | undefined> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = this.subscribe(() => {
        // Nobody's and another user's list say nothing of it, nor the beginning of a list: it pends until its own is there.
        if (this.#ownerId !== ownerId || !this.#isWhole) return;
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
    for await (const uploads of slices(this.#db, ownerId)) {
      rows.push(...(await this.#rowsOf(uploads)));
      if (this.#ownerId !== ownerId) return null;
    }
    return rows;
  }

  #rowsOf(uploads: readonly Upload[]): Promise<Row[]> {
    return Promise.all(uploads.map((upload) => this.#rowOf(upload)));
  }

  async #rowOf(upload: Upload): Promise<Row> {
    const progress = await progressOf(this.#db, upload);
    // Looked up after the last wait: what the worker said meanwhile is newer.
    return { ...upload, progress: newest(upload, progress, this.#rows.get(upload.id)) };
  }

  #take(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(row.id, row);
    this.#tellNow();
  }

  /** Tells that something has changed, here or in what is shown beside the uploads. */
  tell(): void {
    this.#shown.changed();
    if (this.#willTell) return;
    this.#willTell = true;
    // Many hints of one moment are one change to a listener; a timer, because hidden tabs have no animation frames.
    setTimeout(() => this.#tellNow(), Math.max(0, this.#toldAt + TELL_EVERY_MS - performance.now()));
  }

  #tellNow(): void {
    this.#shown.changed();
    this.#willTell = false;
    this.#toldAt = performance.now();
    if (this.#isWhole) this.#call();
  }

  #call(): void {
    const { all } = this;
    for (const listener of this.#listeners) listener(all);
  }
}
