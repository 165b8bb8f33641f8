import { fetchIdOf } from '../shared/carrier.ts';
import { cut } from '../shared/chunks.ts';
import { type Closing, forecast, forecastQueue, type Outlook, type QueueClosing } from '../shared/forecast.ts';
import type { Progress } from '../shared/messages.ts';
import type { Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import { NO_OUTLOOK } from './outlook.ts';

/** An upload with how far it is. */
type Row = Upload & { readonly progress: Progress };

/** An upload with how far it is, and what becomes of it if every page is closed now. */
export type UploadView = Row & { readonly closing: Closing };

/** How far an upload is by what the database knows: exact, and there before the worker says anything. */
export async function progressOf(db: UploadsDb, upload: Upload): Promise<Progress> {
  const { id, plan, sizeBytes, generation } = upload;
  const chunksTotal = plan ? cut(sizeBytes, plan).length : 1;
  const isComplete = upload.status === 'completed';
  // Without a plan nothing was sent; ten thousand that wait must not cost ten thousand questions.
  const receipts = isComplete || !plan ? [] : await db.receipts(id, generation);
  const chunksUploaded = isComplete ? chunksTotal : receipts.length;
  return {
    id,
    chunksTotal,
    chunksUploaded,
    bytesUploaded: isComplete ? sizeBytes : receipts.reduce((sum, receipt) => sum + receipt.sizeBytes, 0),
    bytesTotal: sizeBytes,
    currentChunk: chunksUploaded,
    rateBytesPerSecond: null,
    secondsLeft: null,
    estimated: false,
  };
}

/** A listener is called no more often than a screen is worth redrawing. */
const TELL_EVERY_MS = 100;

/** Every upload of one user as it stands, kept up to date by hints, and told to whoever listens. */
export class Views {
  readonly #db: UploadsDb;
  readonly #views = new Map<string, Row>();
  readonly #listeners = new Set<(uploads: readonly UploadView[]) => void>();
  #ownerId: string | null = null;
  /** What is shown, until something changes: ten thousand rows are not put together for each question. */
  #all: readonly UploadView[] | null = null;
  #outlook = NO_OUTLOOK;
  #willTell = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(db: UploadsDb) {
    this.#db = db;
  }

  get all(): readonly UploadView[] {
    this.#all ??= this.#shown();
    return this.#all;
  }

  /** Whose uploads these are; null for nobody's. */
  get owner(): string | null {
    return this.#ownerId;
  }

  get(id: string): UploadView | undefined {
    const row = this.#views.get(id);
    return row && this.all.find((view) => view.id === id);
  }

  /** What becomes of all of them if every page is closed now. */
  get closing(): QueueClosing {
    return forecastQueue(this.#rows.map(remaining), this.#now);
  }

  /** What the future of the uploads hangs on has changed. */
  expect(outlook: Outlook): void {
    this.#outlook = outlook;
    this.#tell();
  }

  /** Whose uploads these are from now on; those of the user before are gone at once. */
  setOwner(ownerId: string | null): void {
    if (ownerId === this.#ownerId) return;
    this.#ownerId = ownerId;
    this.#views.clear();
    this.#tellNow();
  }

  /** Reads all uploads of the owner anew. */
  async load(): Promise<void> {
    const ownerId = this.#ownerId;
    const uploads = ownerId === null ? [] : await this.#db.list(ownerId);
    const views = await Promise.all(uploads.map((upload) => this.#viewOf(upload)));
    // Another user may have signed in while this one's uploads were read.
    if (this.#ownerId !== ownerId) return;
    this.#views.clear();
    for (const view of views) this.#views.set(view.id, view);
    this.#tellNow();
  }

  /** Reads a record again; null when it is gone or somebody else's. */
  async refresh(id: string): Promise<Row | null> {
    const upload = await this.#db.get(id);
    const read = upload && (await this.#viewOf(upload));
    const view = read?.ownerId === this.#ownerId ? read : null;
    if (view) this.#views.set(id, view);
    else this.#views.delete(id);
    this.#tell();
    return view;
  }

  progress(progress: Progress): void {
    const view = this.#views.get(progress.id);
    if (!view) return;
    this.#views.set(progress.id, { ...view, progress });
    this.#tell();
  }

  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    this.#listeners.add(listener);
    listener(this.all);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until an upload is as it should be; undefined stands for one that is gone. */
  until(id: string, is: (upload: UploadView | undefined) => boolean): Promise<UploadView | undefined> {
    const ownerId = this.#ownerId;
    return new Promise((resolve) => {
      const stop = this.subscribe((uploads) => {
        // Another user's list says nothing of it: the promise pends until its own user is back.
        if (this.#ownerId !== ownerId) return;
        const upload = uploads.find((candidate) => candidate.id === id);
        if (!is(upload)) return;
        // Later, because a snapshot that settles it at once comes before `stop` is known.
        queueMicrotask(() => stop());
        resolve(upload);
      });
    });
  }

  #shown(): UploadView[] {
    const rows = this.#rows;
    const closings = forecast(rows.map(remaining), this.#now);
    return rows.map((row) => ({ ...row, closing: closings.get(row.id) ?? { kind: 'nothing-left' } }));
  }

  get #rows(): Row[] {
    return [...this.#views.values()].sort((a, b) => a.rank - b.rank);
  }

  /** The outlook at the rate that the worker told last. */
  get #now(): Outlook {
    const rates = [...this.#views.values()].map(({ progress }) => progress.rateBytesPerSecond);
    return {
      ...this.#outlook,
      rateBytesPerSecond: rates.findLast((rate) => rate !== null) ?? this.#outlook.rateBytesPerSecond,
    };
  }

  async #viewOf(upload: Upload): Promise<Row> {
    const progress = await progressOf(this.#db, upload);
    // Looked up after the last wait: what the worker said meanwhile is newer.
    return { ...upload, progress: newest(upload, progress, this.#views.get(upload.id)) };
  }

  // Many hints of one moment are one change to a listener; a timer, because hidden tabs have no animation frames.
  #tell(): void {
    this.#all = null;
    if (this.#willTell) return;
    this.#willTell = true;
    setTimeout(() => this.#tellNow(), Math.max(0, this.#toldAt + TELL_EVERY_MS - performance.now()));
  }

  #tellNow(): void {
    this.#all = null;
    this.#willTell = false;
    this.#toldAt = performance.now();
    const all = this.all;
    for (const listener of this.#listeners) listener(all);
  }
}

function remaining(row: Row) {
  return { upload: row, leftBytes: row.sizeBytes - row.progress.bytesUploaded };
}

/** While one plan is being sent whoever sends it knows more than the receipts say: its rate, and what is on the way. */
function newest(upload: Upload, stored: Progress, before: Row | undefined): Progress {
  const isOwn = upload.status === 'staging' || upload.status === 'queued' || upload.status === 'uploading';
  const isGoing = isOwn || fetchIdOf(upload) !== null;
  const heard = before?.generation === upload.generation ? before.progress : null;
  const isNewer = heard?.chunksTotal === stored.chunksTotal && heard.bytesUploaded >= stored.bytesUploaded;
  return isGoing && isNewer ? heard : stored;
}
