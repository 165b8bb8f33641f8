import type { Credentials } from '../shared/db/settings.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import type { Command, Notice } from '../shared/messages.ts';
import { isFinished, needsWorker, type Upload } from '../shared/upload.ts';
import { Account } from './account.ts';
import { BackgroundFetches } from './background-fetch/background-fetches.ts';
import { Bridge, type TabMessage } from './bridge.ts';
import { CellularPolicy } from './cellular-policy.ts';
import { ConditionsMonitor } from './conditions.ts';
import type { ClientOptions } from './options.ts';
import { ReportedProgress } from './queue/reported-progress.ts';
import { UploadStore } from './queue/upload-store.ts';
import { RunWatch } from './run-watch.ts';
import { Shares } from './shares.ts';
import { StagingManager } from './staging/staging-manager.ts';
import { wakeWorker } from './wake-worker.ts';

/** The parts of a client, and the messages and timers that connect them. */
export class ClientCore {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly account: Account;
  readonly store: UploadStore;
  readonly staging: StagingManager;
  readonly shares: Shares;
  readonly backgroundFetch: BackgroundFetches;
  readonly cellularPolicy: CellularPolicy;
  readonly #conditions: ConditionsMonitor;
  readonly #reported = new ReportedProgress((progress) => this.store.setProgress(progress));
  readonly #closed = new AbortController();
  readonly #runWatch = new RunWatch(() => this.#onRunEnd(), this.#closed.signal);

  constructor(db: UploadsDb, options: ClientOptions) {
    this.db = db;
    this.account = new Account(db, async () => (await options.getCredentials?.()) ?? null);
    this.store = new UploadStore(db);
    this.bridge = new Bridge(options.workerUrl ?? '/sw.js', options.workerType ?? 'classic', () =>
      this.#isWorkerCurrent(),
    );
    const announce = (id: string, upload: Upload | undefined) => this.announce(id, upload);
    const parts = { db, bridge: this.bridge, store: this.store, announce };
    this.staging = new StagingManager({ ...parts, closed: this.#closed.signal });
    this.shares = new Shares({ db, account: this.account, staging: this.staging, onChange: () => this.announceAll() });
    this.backgroundFetch = new BackgroundFetches({ ...parts, getUiOptions: options.backgroundFetchUi });
    this.cellularPolicy = new CellularPolicy(db, () => {
      this.#conditions.requestCheck();
      // Sent even without sendable uploads, because an active run reads the preference only when it
      // is woken.
      this.notifyWorker({ type: 'wake' });
    });
    this.#conditions = new ConditionsMonitor(
      db,
      [this.store, this.backgroundFetch, this.cellularPolicy],
      this.#closed.signal,
    );
    this.bridge.onNotice((notice) => this.#onNotice(notice));
    this.bridge.onAnnouncement((message) => this.#onAnnouncement(message));
  }

  /**
   * Reads the user and the first page of the queue, then wakes the worker, which reads the whole
   * queue.
   */
  async restore(): Promise<void> {
    await this.account.load();
    this.store.setOwner(this.account.userId);
    await Promise.all([this.store.loadFirstPage(), this.shares.load()]);
    wakeWorker(
      {
        wake: () => this.notifyWorker({ type: 'wake' }),
        wakeNow: () => this.bridge.sendNow({ type: 'wake' }),
        onTimer: () => this.#background(this.#onTimer()),
      },
      this.#closed.signal,
    );
    this.#background(this.#checkConditions());
  }

  /** Reads the user and the whole queue again. */
  async reload(): Promise<void> {
    await this.account.load();
    this.store.setOwner(this.account.userId);
    await Promise.all([this.store.loadAll(), this.shares.load()]);
    await this.#checkConditions();
  }

  async setCredentials(credentials: Credentials | null): Promise<void> {
    const released = await this.account.setCredentials(credentials);
    const isSameUser = credentials !== null && credentials.userId === this.store.ownerId;
    // New credentials of the same user change no other record, so ten thousand records are not read
    // again.
    if (isSameUser) await Promise.all(released.map((upload) => this.store.apply(upload.id, upload)));
    else await this.reload();
    if (!isSameUser || released.length > 0) this.bridge.announce({ type: 'all-changed' });
    // Awaited, because a worker that still sends for another user must stop before this user is
    // served.
    if (!(await this.bridge.sendIfActive({ type: 'wake' }))) this.notifyWorker({ type: 'wake' });
  }

  /** Signs the user out, and stops the worker from sending for them. */
  async signOut(): Promise<void> {
    await this.db.settings.forgetUser();
    await this.setCredentials(null);
  }

  /** Stores new credentials of the signed-in user, if the app has some, then wakes the worker. */
  async renewCredentials(): Promise<void> {
    await this.account.renewCredentials();
    this.notifyWorker({ type: 'wake' });
  }

  /**
   * Announces the change of one upload, with one message to the worker and one to the other tabs.
   */
  async announce(id: string, upload: Upload | undefined): Promise<void> {
    this.notifyWorker({ type: 'changed', id });
    this.bridge.announce({ type: 'changed', id });
    this.#conditions.requestCheck();
    await this.store.apply(id, upload);
  }

  /**
   * Announces the change of many uploads: this page, every other tab and the worker read all of
   * them.
   */
  async announceAll(): Promise<void> {
    await this.reload();
    this.bridge.announce({ type: 'all-changed' });
    this.notifyWorker({ type: 'wake' });
  }

  // Neither awaited nor reported: the database holds the change, and `bridge.ready` reports
  // a missing worker.
  notifyWorker(command: Command): void {
    void this.bridge.send(command).catch(() => undefined);
  }

  close(): void {
    this.#closed.abort();
    this.#reported.stop();
    this.bridge.close();
    this.db.close();
  }

  // Work in progress fails when the client closes its database.
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#closed.signal.aborted) reportError(error);
    });
  }

  /** Whether the active worker can open the database. An earlier version of the app cannot. */
  async #isWorkerCurrent(): Promise<boolean> {
    return (await this.db.settings.get('workerSchemaVersion')) === this.db.schemaVersion;
  }

  #onNotice(notice: Notice): void {
    if (notice.type === 'progress') {
      // Only a run sends it, so the end of that run does not cause another one without work.
      this.#background(this.#runWatch.watch());
      this.#reported.onReport(notice.progress);
    }
    if (notice.type === 'credentials-wanted' && notice.userId === this.account.userId) {
      this.#background(this.renewCredentials());
    }
    if (notice.type === 'changed') this.#onChanged(notice.id);
    if (notice.type === 'link') this.#conditions.onLink(notice.problem);
  }

  #onAnnouncement(message: TabMessage): void {
    if (message.type === 'changed') this.#onChanged(message.id);
    else this.#background(this.reload());
  }

  /** The worker or another tab changed an upload. */
  #onChanged(id: string): void {
    this.#background(this.store.refresh(id));
    this.#conditions.requestCheck();
  }

  /** A run that ended early, for example with its worker, leaves uploads that could be sent. */
  #onRunEnd(): void {
    if (this.store.all.some(({ status }) => status === 'queued' || status === 'uploading')) {
      this.notifyWorker({ type: 'wake' });
    }
  }

  async #onTimer(): Promise<void> {
    // The worker still has to abort the sessions of cancelled uploads.
    if (this.store.all.some((upload) => !isFinished(upload) || needsWorker(upload))) {
      this.notifyWorker({ type: 'wake' });
    }
    await this.#checkConditions();
  }

  /**
   * Finds uploads whose staging another tab left unfinished, and reads the conditions of the close
   * forecast.
   */
  async #checkConditions(): Promise<void> {
    await this.staging.markInterrupted(this.store.all);
    this.#conditions.requestCheck();
  }
}
