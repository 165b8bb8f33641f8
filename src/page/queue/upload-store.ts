import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Progress } from '../../shared/messages.ts';
import { isFinished, isKnown, type Upload } from '../../shared/upload.ts';
import type { Conditions, QueueCloseForecast } from '../close-forecast.ts';
import { readPages } from './pages.ts';
import { createProgress, mergeProgress, readProgress } from './progress.ts';
import { type Attempted, findLastCause, type ServerProblem } from './server-problem.ts';
import { type UploadView, UploadViews } from './upload-views.ts';

/** Listeners are called at most this often: a screen shows no more. */
const NOTIFY_INTERVAL_MS = 100;
/**
 * More uploads than a window shows. Reading 50 takes a few ms, reading ten thousand several
 * hundred.
 */
const FIRST_PAGE_SIZE = 50;

/** The uploads of one user in the page's memory, kept current by messages. */
export class UploadStore {
  readonly #db: UploadsDb;
  readonly #rows = new Map<string, Attempted>();
  readonly #views = new UploadViews(this.#rows);
  readonly #listeners = new Set<(uploads: readonly UploadView[]) => void>();
  #ownerId: string | null = null;
  #isLoaded = true;
  /** For each active read of the list: the ids of uploads that changed here meanwhile. */
  readonly #activeReads = new Set<Set<string>>();
  /** Active reads of single records, and whether this page has written the record meanwhile. */
  readonly #activeRefreshes = new Set<{ readonly id: string; isStale: boolean }>();
  #isNotifyScheduled = false;
  #notifiedAt = Number.NEGATIVE_INFINITY;

  constructor(db: UploadsDb) {
    this.#db = db;
  }

  /** All uploads in their order; empty until the list is loaded. */
  get all(): readonly UploadView[] {
    return this.#isLoaded ? this.items : [];
  }

  /** The uploads that are loaded. */
  get items(): readonly UploadView[] {
    return this.#views.all;
  }

  /** Whether the whole list is read. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The user whose uploads these are, or null. */
  get ownerId(): string | null {
    return this.#ownerId;
  }

  get(id: string): UploadView | undefined {
    return this.#views.get(id);
  }

  get closeForecast(): QueueCloseForecast {
    return this.#views.closeForecast;
  }

  get serverProblem(): ServerProblem | null {
    return this.#views.serverProblem;
  }

  onConditions(conditions: Conditions): void {
    this.#views.onConditions(conditions);
    this.scheduleNotify();
  }

  /** Switches to another user, and drops the uploads of the previous one at once. */
  setOwner(ownerId: string | null): void {
    if (ownerId === this.#ownerId) return;
    this.#ownerId = ownerId;
    this.#rows.clear();
    this.#views.invalidate();
    this.#isLoaded = ownerId === null;
    this.#callListeners();
  }

  /** Reads the first page of a list that is not loaded. A short list is loaded with it. */
  async loadFirstPage(): Promise<void> {
    const ownerId = this.#ownerId;
    if (ownerId === null || this.#isLoaded) return;
    await this.#readList(async () => {
      const { uploads, nextRank } = await this.#db.readPage(ownerId, undefined, FIRST_PAGE_SIZE);
      const rows = await this.#readRows(uploads);
      // Another call may have loaded the list meanwhile, or another user signed in.
      if (this.#isLoaded || this.#ownerId !== ownerId) return;
      this.#isLoaded = nextRank === null;
      this.#addRows(rows);
    });
  }

  /** Reads all uploads of the owner. An empty list shows its first page first. */
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

  /** Reads an upload that the worker or another tab has changed. */
  async refresh(id: string): Promise<void> {
    const refresh = { id, isStale: false };
    this.#activeRefreshes.add(refresh);
    try {
      const upload = await this.#db.get(id);
      const row = upload && (await this.#readRow(upload));
      if (!refresh.isStale) return this.#setRow(id, row);
    } finally {
      this.#activeRefreshes.delete(refresh);
    }
    await this.refresh(id);
  }

  /**
   * Takes over a record that this page has just written, without reading it.
   *
   * @param upload undefined for a removed upload.
   */
  async apply(id: string, upload: Upload | undefined): Promise<void> {
    for (const refresh of this.#activeRefreshes) if (refresh.id === id) refresh.isStale = true;
    const known = upload && isKnown(upload) ? upload : undefined;
    const before = this.#rows.get(id);
    const progress = before?.progress ?? (known && createProgress(known, []));
    const row = known && progress && { ...known, progress, lastCause: findLastCause(known, before) };
    this.#setRow(id, row);
    if (!row) return;
    const read = await this.#readRow(row);
    // A message may have brought something newer.
    if (this.#rows.get(id) === row) this.#setRow(id, read);
  }

  setProgress(progress: Progress): void {
    const row = this.#rows.get(progress.id);
    // A late report about a finished upload would stay on the screen.
    if (!row || isFinished(row)) return;
    this.#rows.set(progress.id, { ...row, progress });
    this.scheduleNotify();
  }

  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    this.#listeners.add(listener);
    listener(this.all);
    return () => this.#listeners.delete(listener);
  }

  /** Informs the listeners soon, once for many changes. */
  scheduleNotify(): void {
    this.#views.invalidate();
    if (this.#isNotifyScheduled) return;
    this.#isNotifyScheduled = true;
    // A timer, because hidden tabs have no animation frames.
    setTimeout(() => this.#notify(), Math.max(0, this.#notifiedAt + NOTIFY_INTERVAL_MS - performance.now()));
  }

  /** Runs a read of the list, then reads uploads that changed meanwhile once more. */
  async #readList(read: () => Promise<void>): Promise<void> {
    const changed = new Set<string>();
    this.#activeReads.add(changed);
    await read().finally(() => this.#activeReads.delete(changed));
    await Promise.all(Array.from(changed, (id) => this.refresh(id)));
  }

  /** Reads all rows of the owner; null if another user signed in meanwhile. */
  async #readAll(): Promise<Attempted[] | null> {
    const ownerId = this.#ownerId;
    const rows: Attempted[] = [];
    if (ownerId === null) return rows;
    for await (const uploads of readPages(this.#db, ownerId)) {
      rows.push(...(await this.#readRows(uploads)));
      if (this.#ownerId !== ownerId) return null;
    }
    return rows;
  }

  #readRows(uploads: readonly Upload[]): Promise<Attempted[]> {
    return Promise.all(uploads.map((upload) => this.#readRow(upload)));
  }

  async #readRow(upload: Upload): Promise<Attempted> {
    const progress = await readProgress(this.#db, upload);
    // Found after the read, because the worker may have reported newer progress meanwhile.
    const before = this.#rows.get(upload.id);
    return { ...upload, progress: mergeProgress(upload, progress, before), lastCause: findLastCause(upload, before) };
  }

  #addRows(rows: readonly Attempted[]): void {
    for (const row of rows) this.#rows.set(row.id, row);
    this.#notify();
  }

  #setRow(id: string, row: Attempted | undefined): void {
    if (row?.ownerId === this.#ownerId) this.#rows.set(id, row);
    else this.#rows.delete(id);
    for (const changed of this.#activeReads) changed.add(id);
    this.scheduleNotify();
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
