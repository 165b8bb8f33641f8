import type { Credentials } from '../shared/db/settings.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import { type PickedFile, toPickedFiles } from '../shared/file-info.ts';
import { supportsFileLists } from '../shared/http/features.ts';
import { checkRules, type Metadata } from '../shared/metadata.ts';
import type { NotificationTexts } from '../shared/notification-texts.ts';
import { retryTransition } from '../shared/retry-transition.ts';
import type { BatchResponse } from '../shared/upload.ts';
import { addUploads } from './add-uploads.ts';
import { ApiRequests } from './api-requests.ts';
import type { BackgroundFetches } from './background-fetch/background-fetches.ts';
import { Batches } from './batches.ts';
import type { CellularPolicy } from './cellular-policy.ts';
import { ClientCore } from './client-core.ts';
import type { QueueCloseForecast } from './close-forecast.ts';
import { removeUpload, requeueUpload, stopUpload, waitForCompletion } from './commands.ts';
import { loadPart } from './load-part.ts';
import { type ClientOptions, storeNotificationTexts } from './options.ts';
import type { ServerProblem } from './queue/server-problem.ts';
import { cancelTransition, pauseTransition, resumeTransition } from './queue/transitions.ts';
import { UploadContents } from './queue/upload-contents.ts';
import { UploadQueue } from './queue/upload-queue.ts';
import type { UploadView } from './queue/upload-views.ts';
import type { Shares } from './shares.ts';
import type { Updates } from './updates.ts';

/**
 * The uploads of the signed-in user. Every command changes the database first, then informs the
 * worker.
 */
export class UploadClient {
  /** The whole queue, and commands for many uploads. */
  readonly queue: UploadQueue;
  /** The staged files and the chunks of an upload. */
  readonly contents: UploadContents;
  /** Requests to the API beyond uploads, with the credentials of the signed-in user. */
  readonly api: ApiRequests;
  /** The user's batches on the server. */
  readonly batches: Batches;
  /** Uploads that the browser itself sends with every page closed. */
  readonly backgroundFetch: BackgroundFetches;
  /** Whether cellular networks may be used. */
  readonly cellularPolicy: CellularPolicy;
  /** Files from outside that wait for the user's confirmation. */
  readonly shares: Shares;
  /** New versions of the app. */
  readonly updates: Updates;
  /**
   * Resolves with UploadError `newer_version` or `database_closed` when this client lost its
   * database: create a new one.
   */
  readonly terminated: Promise<UploadError>;
  readonly #core: ClientCore;
  readonly #db: UploadsDb;

  constructor(db: UploadsDb, options: ClientOptions) {
    const core = new ClientCore(db, options);
    this.#core = core;
    this.#db = db;
    this.terminated = db.terminated;
    this.backgroundFetch = core.backgroundFetch;
    this.cellularPolicy = core.cellularPolicy;
    this.shares = core.shares;
    this.updates = core.bridge.updates;
    this.queue = new UploadQueue(db, core.store, () => core.announceAll());
    this.contents = new UploadContents(db, core.store);
    this.api = new ApiRequests(db, () => core.renewCredentials());
    this.batches = new Batches(this.api);
  }

  /**
   * Resolves when the worker can send; rejects with UploadError `worker_unavailable` or
   * `untrusted_certificate`.
   */
  get ready(): Promise<void> {
    return this.#core.bridge.ready;
  }

  /** The signed-in user's id, or null. */
  get userId(): string | null {
    return this.#core.account.userId;
  }

  /**
   * The owner of added files: the signed-in user, or the last one. Null if no user ever signed in.
   */
  get ownerId(): string | null {
    return this.#core.account.ownerId;
  }

  /**
   * Queues files and starts to stage them. Images become one upload, other types one upload per
   * file.
   *
   * Files that are added while signed out belong to the last user, and are sent when that user
   * signs in.
   *
   * @returns the queued uploads, before they are staged.
   * @throws UploadError `no_file`, `task_id_required`, `batch_too_large`, `too_many_files`,
   * `upload_too_large`,
   * `invalid_option` for a path, `storage_full`, or `no_token` if no user ever signed in.
   */
  async add(picked: PickedFile | readonly PickedFile[], metadata: Metadata): Promise<UploadView[]> {
    const files = toPickedFiles(picked);
    checkRules(files.length, metadata);
    const { ownerId } = this;
    if (ownerId === null) throw new UploadError('no_token', 'Please sign in.');
    return addUploads(this.#core, files, metadata, ownerId);
  }

  /**
   * Whether the server takes an image batch of any size, in chunks; null while the server is
   * unknown. Without that a batch has at most `MAX_REQUEST_BYTES`.
   */
  async supportsFileLists(): Promise<boolean | null> {
    const profile = await this.#db.settings.getCurrentProfile();
    return profile && supportsFileLists(profile);
  }

  /** The size of the largest upload, in bytes; null if the server is unknown or does not say. */
  async getMaxUploadBytes(): Promise<number | null> {
    return (await this.#db.settings.getCurrentProfile())?.maxUploadBytes ?? null;
  }

  /** Stops sending an upload until it is resumed. Staging continues. */
  pause(id: string): Promise<void> {
    return stopUpload(this.#core, id, pauseTransition);
  }

  /** Continues a paused upload. If its staging was interrupted, it waits for its file. */
  resume(id: string): Promise<void> {
    return requeueUpload(this.#core, id, resumeTransition);
  }

  /** Cancels an upload, unless the server has made its batch already. */
  cancel(id: string): Promise<void> {
    return stopUpload(this.#core, id, cancelTransition);
  }

  /**
   * Retries a waiting or failed upload now. For an unconfirmed upload this is the user's consent to
   * send it again.
   */
  retry(id: string): Promise<void> {
    return requeueUpload(this.#core, id, retryTransition);
  }

  /** Moves an upload before another one, or to the end of the queue if `beforeId` is null. */
  async moveBefore(id: string, beforeId: string | null): Promise<void> {
    await this.#db.moveBefore(id, beforeId);
    // Other uploads may have new ranks too.
    await this.#core.announceAll();
  }

  /**
   * Removes an upload and its staged bytes. Cancels an unfinished one first, and waits until its
   * session is aborted.
   */
  remove(id: string): Promise<void> {
    return removeUpload(this.#core, id);
  }

  /**
   * Continues the interrupted staging of an upload with its files, which the user chose again. If
   * nothing is staged, files of the same names replace the upload as they are now.
   *
   * @returns whether they replaced it.
   * @throws UploadError `different_file` if these are other files, `unknown_upload`, `network` if
   *   its code cannot be loaded, and as `add`.
   */
  async reattach(id: string, picked: PickedFile | readonly PickedFile[]): Promise<boolean> {
    const files = toPickedFiles(picked);
    const { reattachUpload } = await loadPart(import('./reattach-upload.ts'));
    return reattachUpload(this.#core, id, files);
  }

  /**
   * Queues other files in the place of an upload, with its metadata, and removes the upload.
   *
   * @throws UploadError `unknown_upload`, `network` as `reattach`, and as `add`.
   */
  async replace(id: string, picked: PickedFile | readonly PickedFile[]): Promise<void> {
    const files = toPickedFiles(picked);
    const { replaceUpload } = await loadPart(import('./reattach-upload.ts'));
    await replaceUpload(this.#core, id, files);
  }

  /** All uploads in their order; empty until the whole queue is loaded. */
  list(): readonly UploadView[] {
    return this.#core.store.all;
  }

  get(id: string): UploadView | undefined {
    return this.#core.store.get(id);
  }

  /**
   * The forecast of the queue if every page of the app is closed now. Each view has the forecast of
   * its upload.
   */
  closeForecast(): QueueCloseForecast {
    return this.#core.store.closeForecast;
  }

  /** What holds back all uploads at present; null for nothing, or if no upload is sent. */
  get serverProblem(): ServerProblem | null {
    return this.#core.store.serverProblem;
  }

  /**
   * Calls back with all uploads, at once and after every change. Returns a function that ends the
   * subscription.
   */
  subscribe(listener: (uploads: readonly UploadView[]) => void): () => void {
    return this.#core.store.subscribe(listener);
  }

  /**
   * The whole JSON object of the server's final response. Pends for as long as the upload takes or
   * its user is signed out; a page can ask again after a reload.
   *
   * @throws UploadError `cancelled`, `unknown_upload`, `unreadable_file`, `storage_full`,
   * `no_batch_id`, `worker_unavailable`, or `refused` with the server's message.
   */
  whenCompleted(id: string): Promise<BatchResponse> {
    return waitForCompletion(this.#core, id);
  }

  /**
   * Signs a user in. Null ends a sign-in that has expired: added files still belong to that user.
   * Uploads of other users are neither listed nor sent.
   */
  setCredentials(credentials: Credentials | null): Promise<void> {
    return this.#core.setCredentials(credentials);
  }

  /** Signs the user out at their request: the browser keeps the uploads, but not the user id. */
  signOut(): Promise<void> {
    return this.#core.signOut();
  }

  /** Whether the server accepts the access token; throws UploadError `network` if it is unclear. */
  isAccepted(): Promise<boolean> {
    return this.#core.account.isAccepted();
  }

  /** Reads the first page of the queue and wakes the worker. `openUploadClient` calls it. */
  restore(): Promise<void> {
    return this.#core.restore();
  }

  /** Reads the whole queue. Afterwards messages keep it current. */
  reload(): Promise<void> {
    return this.#core.reload();
  }

  /**
   * Calls back when the user clicks a notification, or the browser's download list, about an
   * upload.
   */
  onShow(listener: (id: string) => void): void {
    this.#core.bridge.onNotice((notice) => void (notice.type === 'show' && listener(notice.id)));
  }

  /** Replaces the option `notificationTexts`, for example by another language. */
  setNotificationTexts(texts: NotificationTexts): Promise<void> {
    return storeNotificationTexts(this.#db, texts);
  }

  close(): void {
    this.#core.close();
  }
}
