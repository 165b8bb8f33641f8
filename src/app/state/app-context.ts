import { isFinished, isSendable, type UploadClient, type UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError, describeTitle } from '../i18n/describe.ts';
import { Throughput } from './throughput.ts';
import { Toasts } from './toasts.ts';
import { UploadLog } from './upload-log.ts';

/** The state that the elements share: the client, toasts, and actions that can still be undone. */
export class AppContext {
  readonly client: UploadClient;
  readonly toasts = new Toasts();
  throughput = new Throughput();
  uploadLog = new UploadLog();
  /** Uploads that are removed when their toast disappears. */
  readonly #removing = new Set<string>();
  /** Uploads that are cancelled when their toast disappears. */
  readonly #cancelling = new Set<string>();
  #loading: Promise<void> | null = null;
  #userId: string | null = null;
  #pending: { readonly ownerId: string | null; readonly files: readonly File[] } = { ownerId: null, files: [] };

  constructor(client: UploadClient) {
    this.client = client;
  }

  /** Resolves when the whole queue of the signed-in user is loaded. */
  async loadAll(): Promise<void> {
    if (this.client.queue.isLoaded) return;
    this.#loading ??= this.client.reload().finally(() => {
      this.#loading = null;
    });
    await this.#loading;
  }

  /** Forgets the previous user. Returns whether another user, or none, is signed in since. */
  observeUser(): boolean {
    const { userId, ownerId } = this.client;
    const previousId = this.#userId;
    if (userId === previousId) return false;
    this.#userId = userId;
    if (previousId === null) return true;
    this.toasts.flush();
    this.throughput = new Throughput();
    this.uploadLog = new UploadLog();
    if (this.#pending.ownerId !== ownerId) this.pendingFiles = [];
    return true;
  }

  /** Files that wait for the user's confirmation. They survive a sign-in that has expired. */
  get pendingFiles(): readonly File[] {
    return this.#pending.ownerId === this.client.ownerId ? this.#pending.files : [];
  }

  set pendingFiles(files: readonly File[]) {
    this.#pending = { ownerId: this.client.ownerId, files };
  }

  /** Whether reloading the page now would interrupt an upload or lose files. */
  get isBusy(): boolean {
    const { queue } = this.client;
    const isInProgress = (upload: UploadView) => isSendable(upload) || upload.closeForecast.kind === 'staging';
    return this.pendingFiles.length > 0 || !queue.isLoaded || queue.items.some(isInProgress);
  }

  /** Whether leaving the page now would interrupt staging or lose chosen files. */
  get losesFiles(): boolean {
    return this.pendingFiles.length > 0 || this.client.closeForecast().forecast.kind === 'staging';
  }

  /** Whether the user removed an upload, even while that can still be undone. */
  isRemoved(id: string): boolean {
    return this.#removing.has(id);
  }

  /** Pauses an upload now, and cancels it when the user can no longer undo that. */
  async cancel(upload: UploadView): Promise<void> {
    const { id } = upload;
    const wasPaused = upload.status === 'paused';
    // Waiting uploads too: after a sign-in, or in a Background Fetch, they could be sent after this
    // page is closed.
    const pausing = this.client.pause(id);
    // A second click adds no second toast.
    if (!this.#cancelling.has(id)) {
      this.#scheduleWithUndo(this.#cancelling, [id], strings().row.cancelled(describeTitle(upload)), {
        undo: async () => {
          await pausing;
          if (!wasPaused) await this.client.resume(id);
        },
        // Not if the user resumed it in the meantime.
        commit: async () => {
          await pausing;
          if (isStopped(this.client.get(id))) await this.client.cancel(id);
        },
      });
    }
    await pausing;
  }

  /** Hides a finished upload now, and removes it when the user can no longer undo that. */
  remove(upload: UploadView): void {
    const { id } = upload;
    this.#scheduleWithUndo(this.#removing, [id], strings().row.removed(describeTitle(upload)), {
      undo: async () => undefined,
      // Not if the user retried it in another tab in the meantime.
      commit: async () => {
        const current = this.client.get(id);
        if (current && isFinished(current)) await this.client.remove(id);
      },
    });
  }

  /** Removes all completed and cancelled uploads, with undo. */
  clearFinished(): void {
    const isClearable = (upload: UploadView) =>
      isFinished(upload) && upload.status !== 'failed' && !this.isRemoved(upload.id);
    const ids = this.client
      .list()
      .filter(isClearable)
      .map(({ id }) => id);
    if (ids.length === 0) return;
    this.#scheduleWithUndo(this.#removing, ids, strings().row.cleared(ids.length), {
      undo: async () => undefined,
      commit: () => this.client.queue.removeFinished(ids),
    });
  }

  /**
   * Runs an action and shows its error as a toast.
   *
   * @returns whether the action succeeded.
   */
  async try(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.toasts.show({ text: describeError(error), isBad: true });
      return false;
    }
  }

  /**
   * Shows a toast with an undo button; `pending` contains the uploads until one of the two actions
   * is done.
   */
  #scheduleWithUndo(
    pending: Set<string>,
    ids: readonly string[],
    text: string,
    { undo, commit }: Record<'undo' | 'commit', () => Promise<void>>,
  ): void {
    for (const id of ids) pending.add(id);
    const settle = (act: () => Promise<void>) => async () => {
      await this.try(act);
      for (const id of ids) pending.delete(id);
      this.toasts.emitChange();
    };
    this.toasts.show({ text, undo: settle(undo), commit: settle(commit) });
  }
}

/**
 * Whether an upload is still as `cancel` left it: paused, or unconfirmed, which cannot be paused.
 */
function isStopped(upload: UploadView | undefined): boolean {
  return upload?.status === 'paused' || (upload?.status === 'waiting' && upload.wait.reason === 'unconfirmed');
}
