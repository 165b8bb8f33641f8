import type { QueueCloseForecast } from '../shared/close-forecast.ts';
import { createUpload, getTotalBytes } from '../shared/create-upload.ts';
import type { Credentials } from '../shared/db/settings.ts';
import type { Transition, UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import type { Command, Notice } from '../shared/messages.ts';
import { checkRules, isImageBatch, type Metadata } from '../shared/metadata.ts';
import type { NotificationTexts } from '../shared/notification-texts.ts';
import { retryTransition } from '../shared/retry-transition.ts';
import { checkFreeSpace } from '../shared/staging/staging-errors.ts';
import { type BatchResponse, isFinished, needsWorker } from '../shared/upload.ts';
import { Account } from './account.ts';
import { BackgroundFetches } from './background-fetch/background-fetches.ts';
import { Batches } from './batches.ts';
import { Bridge } from './bridge.ts';
import { CellularPolicy } from './cellular-policy.ts';
import { ConditionsMonitor } from './conditions.ts';
import { type ClientOptions, storeNotificationTexts } from './options.ts';
import { readProgress } from './queue/progress.ts';
import { cancelTransition, createOutcomeError, pauseTransition, resumeTransition } from './queue/transitions.ts';
import { UploadContents } from './queue/upload-contents.ts';
import { UploadQueue } from './queue/upload-queue.ts';
import { UploadStore } from './queue/upload-store.ts';
import type { UploadView } from './queue/upload-views.ts';
import { requestPersistence } from './staging/persist.ts';
import { StagingManager } from './staging/staging-manager.ts';
import type { Updates } from './updates.ts';
import { wakeWorker } from './wake-worker.ts';

/** The uploads of the signed-in user, from the page's side: every change goes into the database first, then the worker is told. */
export class UploadClient {
  /** The queue as one. */
  readonly queue: UploadQueue;
  /** What lies of an upload in this browser. */
  readonly contents: UploadContents;
  /** What has arrived. */
  readonly batches: Batches;
  /**
   * Resolves when nothing can be read or queued here any more, with UploadError `newer_version` or `database_closed`: the browser
   * has removed what was stored, or a newer version of the app has taken it over. Only a new client can go on.
   */
  readonly terminated: Promise<UploadError>;
  readonly #db: UploadsDb;
  readonly #bridge: Bridge;
  readonly #store: UploadStore;
  readonly #staging: StagingManager;
  readonly #account: Account;
  readonly #conditions: ConditionsMonitor;
  /** What the browser itself sends with every page closed. */
  readonly backgroundFetch: BackgroundFetches;
  /** Whether mobile data may be used. */
  readonly cellularPolicy: CellularPolicy;
  /** New versions of the app. */
  readonly updates: Updates;
  readonly #closed = new AbortController();

  constructor(db: UploadsDb, options: ClientOptions) {
    this.#db = db;
    this.terminated = db.terminated;
    this.#account = new Account(db, async () => (await options.getCredentials?.()) ?? null);
    this.#store = new UploadStore(db);
    this.queue = new UploadQueue(db, this.#store, () => this.#announceAll());
    this.contents = new UploadContents(db, this.#store);
    this.batches = new Batches(db, () => this.#renewCredentials());
    this.#bridge = new Bridge(options.workerUrl ?? '/sw.js', options.workerType ?? 'classic');
    this.updates = this.#bridge.updates;
    const parts = { db, bridge: this.#bridge, views: this.#store, onChange: (id: string) => this.#announce(id) };
    this.#staging = new StagingManager({ ...parts, closed: this.#closed.signal });
    this.backgroundFetch = new BackgroundFetches({ ...parts, getUiOptions: options.backgroundFetchUi });
    this.cellularPolicy = new CellularPolicy(db, () => {
      this.#conditions.requestCheck();
      // With nothing to send too: a run that is under way would go by what it knows.
      this.#notifyWorker({ type: 'wake' });
    });
    this.#conditions = new ConditionsMonitor(
      db,
      [this.#store, this.backgroundFetch, this.cellularPolicy],
      this.#closed.signal,
    );
    this.#bridge.onNotice((notice) => this.#onNotice(notice));
    this.#bridge.onUserChange(() => this.#background(this.reload()));
  }

  /** Resolves when uploads can be sent; rejects with UploadError `worker_unavailable` when there will be no worker. */
  get ready(): Promise<void> {
    return this.#bridge.ready;
  }

  /** The signed-in user's id, or null. */
  get userId(): string | null {
    return this.#account.userId;
  }

  /** Whose queue it is that is added to: signed out, that of who signed in last; null when nobody ever was. */
  get ownerId(): string | null {
    return this.#account.ownerId;
  }

  /**
   * Queues files and begins to copy them; `images` become one upload, other types one for each file.
   *
   * Signed out, they are queued for who signed in last, and go when that user is back.
   *
   * @returns the queued uploads, before they are staged.
   * @throws UploadError `no_file`, `task_id_required`, `batch_too_large`, `storage_full`, `no_token` when nobody ever signed in.
   */
  async add(picked: File | readonly File[], metadata: Metadata): Promise<UploadView[]> {
    const files = picked instanceof File ? [picked] : [...picked];
    checkRules(files, metadata);
    const ownerId = this.#account.ownerId;
    if (ownerId === null) throw new UploadError('no_token', 'No authentication token found');
    await checkFreeSpace(getTotalBytes(files));
    requestPersistence();
    const groups = isImageBatch(metadata) ? [files] : files.map((file) => [file]);
    const views: UploadView[] = [];
    for (const group of groups) {
      const upload = await this.#db.add(createUpload(group, metadata, ownerId));
      this.#staging.start(upload.id, group);
      await this.#store.refresh(upload.id);
      views.push({ ...upload, progress: await readProgress(this.#db, upload), closeForecast: { kind: 'staging' } });
    }
    return views;
  }

  /** Sends nothing more of it until it is resumed; copying goes on. */
  pause(id: string): Promise<void> {
    return this.#update(id, pauseTransition);
  }

  /** Lets a paused one go on; one whose copying was cut off asks for its file first. */
  resume(id: string): Promise<void> {
    return this.#requeue(id, resumeTransition);
  }

  /** Ends it, unless the server has made its batch already. */
  cancel(id: string): Promise<void> {
    return this.#update(id, cancelTransition);
  }

  /** Tries again now what waits or has failed; for an unconfirmed one this is the user's "send again". */
  retry(id: string): Promise<void> {
    return this.#requeue(id, retryTransition);
  }

  /** Has it go before another one, or after all others where `beforeId` is null. */
  async moveBefore(id: string, beforeId: string | null): Promise<void> {
    await this.#db.moveBefore(id, beforeId);
    // Others may have got new numbers with it.
    await this.#announceAll();
  }

  /**
   * Forgets an upload and its copied bytes at once; one that is not finished is cancelled, and forgotten when the worker has
   * told the server.
   */
  async remove(id: string): Promise<void> {
    const before = await this.#db.get(id);
    if (before && !isFinished(before)) {
      await this.cancel(id);
      // For a user who is not signed in the worker tells the server nothing.
      if (before.ownerId === this.userId)
        await this.#store.waitFor(before, (upload) => !upload || (isFinished(upload) && !needsWorker(upload)));
    }
    await this.#db.remove(id);
    await this.#announce(id);
  }

  /**
   * Goes on copying an upload whose tab was closed too early.
   *
   * @throws UploadError `different_file` when these are not the files of before, `unknown_upload`.
   */
  reattach(id: string, picked: File | readonly File[]): Promise<void> {
    return this.#staging.resume(id, picked instanceof File ? [picked] : picked);
  }

  list(): readonly UploadView[] {
    return this.#store.all;
  }

  get(id: string): UploadView | undefined {
    return this.#store.get(id);
  }

  /** What becomes of all uploads if every page of the app is closed now; each view says it of its own. */
  closeForecast(): QueueCloseForecast {
    return this.#store.closeForecast;
  }

  /** Snapshot first, then after every change; returns the function that ends it. */
  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    return this.#store.subscribe(listener);
  }

  /**
   * The server's answer with the batch id, whole; pends for as long as the upload takes and its user is away, over reloads too
   * when asked again.
   *
   * @throws UploadError `cancelled`, `unknown_upload`, `unreadable_file`, `storage_full`, `no_batch_id`, `worker_unavailable`,
   * or `refused` with the server's words.
   */
  async whenCompleted(id: string): Promise<BatchResponse> {
    const queued = await this.#db.get(id);
    if (!queued) throw createOutcomeError(undefined);
    // Only a missing worker ends this early: one that is ready just leaves the other promise to decide.
    const upload = await Promise.race([
      this.#store.waitFor(queued, (candidate) => !candidate || isFinished(candidate)),
      this.ready.then(() => new Promise<never>(() => undefined)),
    ]);
    if (upload?.status === 'completed') return upload.batch;
    throw createOutcomeError(upload);
  }

  /** Signs a user in, or nobody; another user's uploads are neither shown nor sent. */
  async setCredentials(token: Credentials | null): Promise<void> {
    const ready = await this.#account.setCredentials(token);
    const isSame = token !== null && token.userId === this.#store.ownerId;
    // With a new token of the same user nothing else has changed: ten thousand records are not read again for that.
    if (isSame) await Promise.all(ready.map((id) => this.#store.refresh(id)));
    else await this.reload();
    if (!isSame || ready.length > 0) this.#bridge.announceUserChange();
    // Waited for: a worker that still sends for another user must hear of it before this one is served.
    if (!(await this.#bridge.sendIfActive({ type: 'wake' }))) this.#notifyWorker({ type: 'wake' });
  }

  /** Reads whose queue it is and the beginning of it, and wakes the worker: later, because that one reads the whole of it. */
  async restore(): Promise<void> {
    await this.#account.load();
    this.#store.setOwner(this.userId);
    await this.#store.loadFirstPage();
    const calls = {
      wake: () => this.#notifyWorker({ type: 'wake' }),
      wakeNow: () => this.#bridge.sendNow({ type: 'wake' }),
    };
    wakeWorker({ ...calls, onTimer: () => this.#background(this.#onTimer()) }, this.#closed.signal);
    this.#background(this.#checkConditions());
  }

  /** Reads everything anew; mostly the notices do that. */
  async reload(): Promise<void> {
    await this.#account.load();
    this.#store.setOwner(this.userId);
    await this.#store.loadAll();
    await this.#checkConditions();
  }

  /** Calls back when the user clicked, outside the app, on what tells of an upload. */
  onShow(listener: (id: string) => void): void {
    this.#bridge.onNotice((notice) => void (notice.type === 'show' && listener(notice.id)));
  }

  /** What the worker says from now on where no page is open: in another language than the option `tidings` was. */
  setNotificationTexts(tidings: NotificationTexts): Promise<void> {
    return storeNotificationTexts(this.#db, tidings);
  }

  close(): void {
    this.#closed.abort();
    this.#bridge.close();
    this.#db.close();
  }

  // What was under way when the client was closed finds its database closed.
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#closed.signal.aborted) reportError(error);
    });
  }

  async #update(id: string, step: Transition): Promise<void> {
    // The browser cannot leave one upload out: what was handed over with it comes back too.
    await this.backgroundFetch.abort(id);
    await this.#db.update(id, step);
    await this.#announce(id);
  }

  async #requeue(id: string, step: Transition): Promise<void> {
    await this.#db.update(id, step);
    await this.#staging.markIfInterrupted(id);
    await this.#announce(id);
  }

  /** Many records were changed: every tab and the worker read all of them. */
  async #announceAll(): Promise<void> {
    await this.reload();
    this.#bridge.announceUserChange();
    this.#notifyWorker({ type: 'wake' });
  }

  async #announce(id: string): Promise<void> {
    this.#notifyWorker({ type: 'changed', id });
    await this.#store.refresh(id);
  }

  // Not awaited and allowed to fail: the change stands in the database, and `ready` says it when there is no worker.
  #notifyWorker(command: Command): void {
    void this.#bridge.send(command).catch(() => undefined);
  }

  #onNotice(notice: Notice): void {
    if (notice.type === 'progress') this.#store.setProgress(notice.progress);
    if (notice.type === 'credentials-wanted' && notice.userId === this.userId) void this.#renewCredentials();
    if (notice.type !== 'changed') return;
    this.#background(this.#store.refresh(notice.id));
    this.#conditions.requestCheck();
  }

  async #renewCredentials(): Promise<void> {
    await this.#account.renewCredentials();
    this.#notifyWorker({ type: 'wake' });
  }

  async #onTimer(): Promise<void> {
    // A cancelled one is finished for the user, but the server may be still to be told.
    if (this.list().some((upload) => !isFinished(upload) || needsWorker(upload))) this.#notifyWorker({ type: 'wake' });
    await this.#checkConditions();
  }

  /** Finds what nobody copies any more, and what the future of all of them hangs on. */
  async #checkConditions(): Promise<void> {
    await this.#staging.markInterrupted(this.list());
    this.#conditions.requestCheck();
  }
}
