import { isAbort, messageOf, UploadError } from '../shared/errors.ts';
import type { Notice } from '../shared/messages.ts';
import { type BatchAnswer, become, isFinished, isStaged, readyState, type Upload } from '../shared/upload.ts';
import { type Step, type Token, UploadsDb } from '../shared/uploads-db.ts';
import { type BatchView, downloadFile, readBatch } from './arrived.ts';
import { Bridge } from './bridge.ts';
import { keepAwake } from './keep-awake.ts';
import { type ClientOptions, endpointOf } from './options.ts';
import { type AddFields, checkRules, newUpload } from './rules.ts';
import { checkRoom, checkSameFile, isCutOff, stage } from './staging.ts';
import { type UploadView, Views } from './views.ts';

/** Opens the database, registers the worker, and wakes it. */
export async function createUploadClient(options: ClientOptions = {}): Promise<UploadClient> {
  const db = await UploadsDb.open();
  await db.setEndpoint(endpointOf(options));
  const client = new UploadClient(db, options);
  await client.reload();
  return client;
}

/** The uploads of the signed-in user, from the page's side: every change goes into the database first, then the worker is told. */
export class UploadClient {
  readonly #db: UploadsDb;
  readonly #bridge: Bridge;
  readonly #views: Views;
  readonly #options: ClientOptions;
  readonly #closing = new AbortController();
  #user: string | null = null;

  constructor(db: UploadsDb, options: ClientOptions) {
    this.#db = db;
    this.#options = options;
    this.#views = new Views(db);
    this.#bridge = new Bridge(options.workerUrl ?? '/sw.js', options.workerType ?? 'classic');
    this.#bridge.onNotice((notice) => this.#hear(notice));
    const isBusy = () => this.list().some((upload) => !isFinished(upload));
    keepAwake(this.#bridge, isBusy, this.#closing.signal);
  }

  /** The signed-in user's id, or null. */
  get user(): string | null {
    return this.#user;
  }

  /**
   * Queues files and begins to copy them; `images` become one upload, other types one for each file.
   *
   * @returns the queued uploads, before they are staged.
   * @throws UploadError `no_file`, `task_id_required`, `batch_too_large`, `storage_full`, `no_token` when nobody ever signed in.
   */
  async add(picked: File | readonly File[], fields: AddFields): Promise<UploadView[]> {
    const files = picked instanceof File ? [picked] : [...picked];
    checkRules(files, fields);
    const ownerId = this.#user;
    if (ownerId === null) throw new UploadError('no_token', 'No authentication token found');
    await checkRoom(files.reduce((sum, { size }) => sum + size, 0));
    // Asked without waiting: some browsers show a question, and a refusal changes nothing but how durable the copy is.
    void navigator.storage.persist().catch(() => false);
    const groups = fields.uploadType === 'images' ? [files] : files.map((file) => [file]);
    const views: UploadView[] = [];
    for (const group of groups) {
      const upload = newUpload(group, fields, ownerId);
      await this.#db.add(upload);
      this.#stage(upload, group);
      const view = await this.#views.refresh(upload.id);
      if (view) views.push(view);
    }
    return views;
  }

  /** Sends nothing more of it until it is resumed; copying goes on. */
  pause(id: string): Promise<void> {
    return this.#change(id, (before) => (isFinished(before) ? null : become(before, { status: 'paused' })));
  }

  resume(id: string): Promise<void> {
    return this.#change(id, (before) => (before.status === 'paused' ? become(before, readyState(before)) : null));
  }

  /** Ends it, unless the server has made its batch already. */
  cancel(id: string): Promise<void> {
    return this.#change(id, (before) => become(before, { status: 'cancelled', cancelledAt: Date.now() }));
  }

  /** Tries again now what waits or has failed; for an unconfirmed one this is the user's "send again". */
  retry(id: string): Promise<void> {
    return this.#change(id, (before) => {
      if (before.status !== 'failed' && before.status !== 'waiting') return null;
      const facts = { failures: 0, restarted: false };
      return become(before, readyState(before), facts);
    });
  }

  /** Forgets an upload and its copied bytes; one that is not finished is cancelled first, so that the server is told. */
  async remove(id: string): Promise<void> {
    const before = await this.#db.get(id);
    if (before && !isFinished(before)) {
      await this.cancel(id);
      await this.finished(id).catch(() => undefined);
    }
    await this.#db.remove(id);
    await this.#tell(id);
  }

  /**
   * Goes on copying an upload whose tab was closed too early.
   *
   * @throws UploadError `different_file` when these are not the files of before, `unknown_upload`.
   */
  async provide(id: string, picked: File | readonly File[]): Promise<void> {
    const files = picked instanceof File ? [picked] : picked;
    const upload = await this.#db.get(id);
    if (!upload) throw new UploadError('unknown_upload', 'This upload was removed.');
    await checkSameFile(this.#db, upload, files);
    const again = await this.#db.change(id, (before) => become(before, readyState(before)));
    if (again) this.#stage(again, files);
    await this.#tell(id);
  }

  list(): readonly UploadView[] {
    return this.#views.all;
  }

  /** Snapshot first, then after every change; returns the function that ends it. */
  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    return this.#views.subscribe(listener);
  }

  /**
   * The server's answer with the batch id, whole; pends for as long as the upload takes, over reloads too when asked again.
   *
   * @throws UploadError `cancelled`, `unknown_upload`, or `refused` with the server's words.
   */
  finished(id: string): Promise<BatchAnswer> {
    return new Promise((resolve, reject) => {
      const stop = this.subscribe((uploads) => {
        const upload = uploads.find((candidate) => candidate.id === id);
        if (upload && !isFinished(upload)) return;
        queueMicrotask(() => stop());
        if (upload?.status === 'completed') resolve(upload.answer);
        else reject(endOf(upload));
      });
    });
  }

  /** Signs a user in, or nobody; another user's uploads are neither shown nor sent. */
  async setAccessToken(token: Token | null): Promise<void> {
    await this.#db.setToken(token);
    if (token) await this.#releaseSignIn(token.userId);
    await this.reload();
    await this.#bridge.send({ type: 'wake' });
  }

  /** Reads everything anew; mostly the notices do that. */
  async reload(): Promise<void> {
    const token = await this.#db.token();
    this.#user = token?.userId ?? null;
    await this.#findCutOff();
    await this.#views.load(this.#user);
  }

  /** What arrived as a batch; throws UploadError `refused` where the server does not show it. */
  batch(batchId: string): Promise<BatchView> {
    return readBatch(this.#db, batchId);
  }

  /** The bytes of one file of a batch. */
  download(batchId: string, n: number): Promise<Blob> {
    return downloadFile(this.#db, batchId, n);
  }

  onUpdateReady(listener: () => void): void {
    this.#bridge.onUpdateReady(listener);
  }

  applyUpdate(): void {
    this.#bridge.applyUpdate();
  }

  close(): void {
    this.#closing.abort();
    this.#bridge.close();
    this.#db.close();
  }

  async #change(id: string, step: Step): Promise<void> {
    await this.#db.change(id, step);
    await this.#tell(id);
  }

  async #tell(id: string): Promise<void> {
    await this.#views.refresh(id);
    await this.#bridge.send({ type: 'changed', id });
  }

  #stage(upload: Upload, files: readonly File[]): void {
    const told = () => void this.#tell(upload.id).catch(() => undefined);
    stage(this.#db, upload, files, told).catch(async (error: unknown) => {
      if (isAbort(error) || (error instanceof UploadError && error.code === 'unknown_upload')) return;
      const code = error instanceof UploadError ? error.code : 'unreadable_file';
      const message = messageOf(error);
      await this.#change(upload.id, (before) =>
        become(before, { status: 'failed', code, message, failedAt: Date.now() }),
      );
    });
  }

  #hear(notice: Notice): void {
    switch (notice.type) {
      case 'progress':
        this.#views.progress(notice.progress);
        return;
      case 'changed':
        void this.#views.refresh(notice.id);
        return;
      case 'token-wanted':
        if (notice.userId === this.#user) void this.#renewToken();
    }
  }

  async #renewToken(): Promise<void> {
    const token = await this.#options.getAccessToken?.().catch(() => null);
    if (token?.userId === this.#user && token) await this.#db.setToken(token);
  }

  /** What waited for this user's sign-in goes on. */
  async #releaseSignIn(userId: string): Promise<void> {
    for (const { id } of await this.#db.list(userId)) {
      await this.#db.change(id, (before) => {
        const waits = before.status === 'waiting' && before.wait.reason === 'sign-in';
        return waits ? become(before, readyState(before)) : null;
      });
    }
  }

  async #findCutOff(): Promise<void> {
    if (this.#user === null) return;
    const { held = [] } = await navigator.locks.query();
    const locks = new Set(held.map(({ name }) => name ?? ''));
    for (const upload of await this.#db.list(this.#user)) {
      if (!isCutOff(upload, locks) || upload.status === 'paused') continue;
      await this.#db.change(upload.id, (before) =>
        isStaged(before) ? null : become(before, { status: 'waiting', wait: { reason: 'file' } }),
      );
    }
  }
}

function endOf(upload: UploadView | undefined): UploadError {
  if (upload?.status === 'cancelled') return new UploadError('cancelled', 'Upload cancelled');
  if (upload?.status === 'failed') {
    return new UploadError('refused', upload.message, { serverCode: upload.code });
  }
  return new UploadError('unknown_upload', 'This upload was removed.');
}
