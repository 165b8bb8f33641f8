import { UploadError } from '../shared/errors.ts';
import type { QueueClosing } from '../shared/forecast.ts';
import type { Command, Notice } from '../shared/messages.ts';
import { retryStep } from '../shared/retry-step.ts';
import { type AddFields, checkRules, newUpload, sizeOf } from '../shared/rules.ts';
import type { Token } from '../shared/settings.ts';
import { checkRoom } from '../shared/staging-errors.ts';
import type { TidingsWords } from '../shared/tidings.ts';
import { type BatchAnswer, isDrivable, isFinished } from '../shared/upload.ts';
import type { Step, UploadsDb } from '../shared/uploads-db.ts';
import { Account } from './account.ts';
import { Batches } from './batches.ts';
import { Bridge } from './bridge.ts';
import { Carrying } from './carrying.ts';
import { Contents } from './contents.ts';
import { Copies } from './copies.ts';
import { keepAwake } from './keep-awake.ts';
import { MobileHold } from './mobile-hold.ts';
import { type ClientOptions, storeTidings } from './options.ts';
import { Watch } from './outlook.ts';
import { askToPersist } from './persist.ts';
import { progressOf } from './progress-of.ts';
import type { UploadView } from './shown.ts';
import { cancelStep, endOf, pauseStep, resumeStep } from './steps.ts';
import type { Updates } from './updates.ts';
import { Views } from './views.ts';
import { WholeQueue } from './whole-queue.ts';

/** The uploads of the signed-in user, from the page's side: every change goes into the database first, then the worker is told. */
export class UploadClient {
  /** The queue as one. */
  readonly queue: WholeQueue;
  /** What lies of an upload in this browser. */
  readonly contents: Contents;
  /** What has arrived. */
  readonly batches: Batches;
  /**
   * Resolves when nothing can be read or queued here any more, with UploadError `newer_version` or `database_closed`: the browser
   * has removed what was stored, or a newer version of the app has taken it over. Only a new client can go on.
   */
  readonly lost: Promise<UploadError>;
  readonly #db: UploadsDb;
  readonly #bridge: Bridge;
  readonly #views: Views;
  readonly #copies: Copies;
  readonly #account: Account;
  readonly #watch: Watch;
  /** What the browser itself sends with every page closed. */
  readonly carrier: Carrying;
  /** Whether mobile data may be used. */
  readonly mobileHold: MobileHold;
  /** New versions of the app. */
  readonly updates: Updates;
  readonly #closing = new AbortController();

  constructor(db: UploadsDb, options: ClientOptions) {
    this.#db = db;
    this.lost = db.lost;
    this.#account = new Account(db, async () => (await options.getAccessToken?.()) ?? null);
    this.#views = new Views(db);
    this.queue = new WholeQueue(db, this.#views, () => this.#tellAll());
    this.contents = new Contents(db, this.#views);
    this.batches = new Batches(db, () => this.#renewToken());
    this.#bridge = new Bridge(options.workerUrl ?? '/sw.js', options.workerType ?? 'classic');
    this.updates = this.#bridge.updates;
    const parts = { db, bridge: this.#bridge, views: this.#views, told: (id: string) => this.#tell(id) };
    this.#copies = new Copies({ ...parts, closed: this.#closing.signal });
    this.carrier = new Carrying({ ...parts, look: options.carrierLook });
    this.mobileHold = new MobileHold(db, () => {
      this.#watch.look();
      // With nothing to send too: a run that is under way would go by what it knows.
      this.#hint({ type: 'wake' });
    });
    this.#watch = new Watch(db, [this.#views, this.carrier, this.mobileHold], this.#closing.signal);
    this.#bridge.onNotice((notice) => this.#hear(notice));
    this.#bridge.onUserChanged(() => this.#background(this.reload()));
  }

  /** Resolves when uploads can be sent; rejects with UploadError `worker_unavailable` when there will be no worker. */
  get ready(): Promise<void> {
    return this.#bridge.ready;
  }

  /** The signed-in user's id, or null. */
  get user(): string | null {
    return this.#account.user;
  }

  /** Whose queue it is that is added to: signed out, that of who signed in last; null when nobody ever was. */
  get owner(): string | null {
    return this.#account.owner;
  }

  /**
   * Queues files and begins to copy them; `images` become one upload, other types one for each file.
   *
   * Signed out, they are queued for who signed in last, and go when that user is back.
   *
   * @returns the queued uploads, before they are staged.
   * @throws UploadError `no_file`, `task_id_required`, `batch_too_large`, `storage_full`, `no_token` when nobody ever signed in.
   */
  async add(picked: File | readonly File[], fields: AddFields): Promise<UploadView[]> {
    const files = picked instanceof File ? [picked] : [...picked];
    checkRules(files, fields);
    const ownerId = this.#account.owner;
    if (ownerId === null) throw new UploadError('no_token', 'No authentication token found');
    await checkRoom(sizeOf(files));
    askToPersist();
    const groups = fields.uploadType === 'images' ? [files] : files.map((file) => [file]);
    const views: UploadView[] = [];
    for (const group of groups) {
      const upload = await this.#db.add(newUpload(group, fields, ownerId));
      this.#copies.start(upload.id, group);
      await this.#views.refresh(upload.id);
      views.push({ ...upload, progress: await progressOf(this.#db, upload), closing: { kind: 'copying' } });
    }
    return views;
  }

  /** Sends nothing more of it until it is resumed; copying goes on. */
  pause(id: string): Promise<void> {
    return this.#change(id, pauseStep);
  }

  /** Lets a paused one go on; one whose copying was cut off asks for its file first. */
  resume(id: string): Promise<void> {
    return this.#letGo(id, resumeStep);
  }

  /** Ends it, unless the server has made its batch already. */
  cancel(id: string): Promise<void> {
    return this.#change(id, cancelStep);
  }

  /** Tries again now what waits or has failed; for an unconfirmed one this is the user's "send again". */
  retry(id: string): Promise<void> {
    return this.#letGo(id, retryStep);
  }

  /** Has it go before another one, or after all others where `beforeId` is null. */
  async move(id: string, beforeId: string | null): Promise<void> {
    await this.#db.move(id, beforeId);
    // Others may have got new numbers with it.
    await this.#tellAll();
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
      if (before.ownerId === this.user)
        await this.#views.until(before, (upload) => !upload || (isFinished(upload) && !isDrivable(upload)));
    }
    await this.#db.remove(id);
    await this.#tell(id);
  }

  /**
   * Goes on copying an upload whose tab was closed too early.
   *
   * @throws UploadError `different_file` when these are not the files of before, `unknown_upload`.
   */
  provide(id: string, picked: File | readonly File[]): Promise<void> {
    return this.#copies.goOn(id, picked instanceof File ? [picked] : picked);
  }

  list(): readonly UploadView[] {
    return this.#views.all;
  }

  get(id: string): UploadView | undefined {
    return this.#views.get(id);
  }

  /** What becomes of all uploads if every page of the app is closed now; each view says it of its own. */
  closing(): QueueClosing {
    return this.#views.closing;
  }

  /** Snapshot first, then after every change; returns the function that ends it. */
  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    return this.#views.subscribe(listener);
  }

  /**
   * The server's answer with the batch id, whole; pends for as long as the upload takes and its user is away, over reloads too
   * when asked again.
   *
   * @throws UploadError `cancelled`, `unknown_upload`, `unreadable_file`, `storage_full`, `no_batch_id`, `worker_unavailable`,
   * or `refused` with the server's words.
   */
  async finished(id: string): Promise<BatchAnswer> {
    const queued = await this.#db.get(id);
    if (!queued) throw endOf(undefined);
    // Only a missing worker ends this early: one that is ready just leaves the other promise to decide.
    const upload = await Promise.race([
      this.#views.until(queued, (candidate) => !candidate || isFinished(candidate)),
      this.ready.then(() => new Promise<never>(() => undefined)),
    ]);
    if (upload?.status === 'completed') return upload.answer;
    throw endOf(upload);
  }

  /** Signs a user in, or nobody; another user's uploads are neither shown nor sent. */
  async setAccessToken(token: Token | null): Promise<void> {
    const ready = await this.#account.set(token);
    const isSame = token !== null && token.userId === this.#views.owner;
    // With a new token of the same user nothing else has changed: ten thousand records are not read again for that.
    if (isSame) await Promise.all(ready.map((id) => this.#views.refresh(id)));
    else await this.reload();
    if (!isSame || ready.length > 0) this.#bridge.tellUserChanged();
    // Waited for: a worker that still sends for another user must hear of it before this one is served.
    if (!(await this.#bridge.sendIfActive({ type: 'wake' }))) this.#hint({ type: 'wake' });
  }

  /** Reads whose queue it is and the beginning of it, and wakes the worker: later, because that one reads the whole of it. */
  async begin(): Promise<void> {
    await this.#account.load();
    this.#views.setOwner(this.user);
    await this.#views.begin();
    const calls = { wake: () => this.#hint({ type: 'wake' }), wakeNow: () => this.#bridge.sendNow({ type: 'wake' }) };
    keepAwake({ ...calls, onTimer: () => this.#background(this.#onTimer()) }, this.#closing.signal);
    this.#background(this.#look());
  }

  /** Reads everything anew; mostly the notices do that. */
  async reload(): Promise<void> {
    await this.#account.load();
    this.#views.setOwner(this.user);
    await this.#views.load();
    await this.#look();
  }

  /** Calls back when the user clicked, outside the app, on what tells of an upload. */
  onShow(listener: (id: string) => void): void {
    this.#bridge.onNotice((notice) => void (notice.type === 'show' && listener(notice.id)));
  }

  /** What the worker says from now on where no page is open: in another language than the option `tidings` was. */
  speak(tidings: TidingsWords): Promise<void> {
    return storeTidings(this.#db, tidings);
  }

  close(): void {
    this.#closing.abort();
    this.#bridge.close();
    this.#db.close();
  }

  // What was under way when the client was closed finds its database closed.
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#closing.signal.aborted) reportError(error);
    });
  }

  async #change(id: string, step: Step): Promise<void> {
    // The browser cannot leave one upload out: what was handed over with it comes back too.
    await this.carrier.takeBack(id);
    await this.#db.change(id, step);
    await this.#tell(id);
  }

  async #letGo(id: string, step: Step): Promise<void> {
    await this.#db.change(id, step);
    await this.#copies.markIfCutOff(id);
    await this.#tell(id);
  }

  /** Many records were changed: every tab and the worker read all of them. */
  async #tellAll(): Promise<void> {
    await this.reload();
    this.#bridge.tellUserChanged();
    this.#hint({ type: 'wake' });
  }

  async #tell(id: string): Promise<void> {
    this.#hint({ type: 'changed', id });
    await this.#views.refresh(id);
  }

  // Not awaited and allowed to fail: the change stands in the database, and `ready` says it when there is no worker.
  #hint(command: Command): void {
    void this.#bridge.send(command).catch(() => undefined);
  }

  #hear(notice: Notice): void {
    if (notice.type === 'progress') this.#views.progress(notice.progress);
    if (notice.type === 'token-wanted' && notice.userId === this.user) void this.#renewToken();
    if (notice.type !== 'changed') return;
    this.#background(this.#views.refresh(notice.id));
    this.#watch.look();
  }

  async #renewToken(): Promise<void> {
    await this.#account.renew();
    this.#hint({ type: 'wake' });
  }

  async #onTimer(): Promise<void> {
    // A cancelled one is finished for the user, but the server may be still to be told.
    if (this.list().some((upload) => !isFinished(upload) || isDrivable(upload))) this.#hint({ type: 'wake' });
    await this.#look();
  }

  /** Finds what nobody copies any more, and what the future of all of them hangs on. */
  async #look(): Promise<void> {
    await this.#copies.markCutOff(this.list());
    this.#watch.look();
  }
}
