import { cut } from '../shared/chunks.ts';
import type { Progress } from '../shared/messages.ts';
import type { Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

/** An upload with how far it is. */
export type UploadView = Upload & { readonly progress: Progress };

/** How far an upload is by what the database knows: exact, and there before the worker says anything. */
export async function progressOf(db: UploadsDb, upload: Upload): Promise<Progress> {
  const { id, plan, sizeBytes, generation } = upload;
  const chunksTotal = plan ? cut(sizeBytes, plan).length : 1;
  const isComplete = upload.status === 'completed';
  const receipts = isComplete ? [] : await db.receipts(id, generation);
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

/** Every upload of one user as it stands, kept up to date by hints, and told to whoever listens. */
export class Views {
  readonly #db: UploadsDb;
  readonly #views = new Map<string, UploadView>();
  readonly #listeners = new Set<(uploads: readonly UploadView[]) => void>();
  #ownerId: string | null = null;
  #willTell = false;

  constructor(db: UploadsDb) {
    this.#db = db;
  }

  get all(): readonly UploadView[] {
    return [...this.#views.values()].sort((a, b) => a.queuedAt - b.queuedAt);
  }

  async load(ownerId: string | null): Promise<void> {
    this.#ownerId = ownerId;
    const uploads = ownerId === null ? [] : await this.#db.list(ownerId);
    const views = await Promise.all(uploads.map((upload) => this.#viewOf(upload)));
    this.#views.clear();
    for (const view of views) this.#views.set(view.id, view);
    this.#tell();
  }

  /** Reads a record again; null when it is gone or somebody else's. */
  async refresh(id: string): Promise<UploadView | null> {
    const upload = await this.#db.get(id);
    const view = upload && upload.ownerId === this.#ownerId ? await this.#viewOf(upload) : null;
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

  async #viewOf(upload: Upload): Promise<UploadView> {
    return { ...upload, progress: await progressOf(this.#db, upload) };
  }

  // Many hints of one moment are one change to a listener.
  #tell(): void {
    if (this.#willTell) return;
    this.#willTell = true;
    queueMicrotask(() => {
      this.#willTell = false;
      for (const listener of this.#listeners) listener(this.all);
    });
  }
}
