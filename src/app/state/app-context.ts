import { isFinished, isSendable, type UploadClient, type UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError, describeTitle } from '../i18n/describe.ts';
import { Throughput } from './throughput.ts';
import { Toasts } from './toasts.ts';
import { UploadLog } from './upload-log.ts';

/** Everything the elements share: the client, what they say in passing, and what can still be undone. */
export class AppContext {
  readonly client: UploadClient;
  readonly toasts = new Toasts();
  readonly throughput = new Throughput();
  readonly uploadLog = new UploadLog();
  readonly #gone = new Set<string>();
  /** What is cancelled when the time to undo is over. */
  readonly #stopped = new Set<string>();
  #reading: Promise<void> | null = null;
  #picked: { readonly ownerId: string | null; readonly files: readonly File[] } = { ownerId: null, files: [] };

  constructor(client: UploadClient) {
    this.client = client;
  }

  /** Resolves when the queue was read to its end: that of whoever is signed in now. */
  async loadAll(): Promise<void> {
    if (this.client.queue.isLoaded) return;
    this.#reading ??= this.client.reload().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  /** Files that wait for an answer before they are queued; over a sign-in too, unless somebody else comes. */
  get pendingFiles(): readonly File[] {
    return this.#picked.ownerId === this.client.ownerId ? this.#picked.files : [];
  }

  set pendingFiles(files: readonly File[]) {
    this.#picked = { ownerId: this.client.ownerId, files };
  }

  /** Whether something would be stopped or lost if the page were loaded again now. */
  get isBusy(): boolean {
    const { queue } = this.client;
    const isUnderWay = (upload: UploadView) => isSendable(upload) || upload.closeForecast.kind === 'staging';
    return this.pendingFiles.length > 0 || !queue.isLoaded || queue.items.some(isUnderWay);
  }

  /** Whether the user has put an upload away, although the way back is still open. */
  isRemoved(id: string): boolean {
    return this.#gone.has(id);
  }

  /** Stops an upload at once, and cancels it when the time to undo is over. */
  async cancel(upload: UploadView): Promise<void> {
    const { id } = upload;
    const wasPaused = upload.status === 'paused';
    // Also what only waits: a sign-in or the browser that carries it could send it meanwhile, with this page gone.
    const pausing = this.client.pause(id);
    // Asked twice, it is still one thing to undo.
    if (!this.#stopped.has(id)) {
      this.#later(this.#stopped, [id], strings().row.cancelled(describeTitle(upload)), {
        undo: async () => {
          await pausing;
          if (!wasPaused) await this.client.resume(id);
        },
        // What was let go on meanwhile is wanted after all.
        commit: async () => {
          await pausing;
          if (isStopped(this.client.get(id))) await this.client.cancel(id);
        },
      });
    }
    await pausing;
  }

  /** Takes a finished upload out of the list, and forgets it when the time to undo is over. */
  remove(upload: UploadView): void {
    const { id } = upload;
    this.#later(this.#gone, [id], strings().row.removed(describeTitle(upload)), {
      undo: async () => undefined,
      // What was tried again meanwhile, in another tab, is wanted after all.
      commit: async () => {
        const now = this.client.get(id);
        if (now && isFinished(now)) await this.client.remove(id);
      },
    });
  }

  /** Takes out everything that has arrived or was cancelled. */
  clearFinished(): void {
    const isOver = (upload: UploadView) =>
      isFinished(upload) && upload.status !== 'failed' && !this.isRemoved(upload.id);
    const ids = this.client
      .list()
      .filter(isOver)
      .map(({ id }) => id);
    if (ids.length === 0) return;
    this.#later(this.#gone, ids, strings().row.cleared(ids.length), {
      undo: async () => undefined,
      commit: () => this.client.queue.removeFinished(ids),
    });
  }

  /**
   * Does something, and says what went wrong.
   *
   * @returns whether it was done.
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

  /** Says what is to be done, with the way back; its uploads are among the `pending` until one or the other is. */
  #later(
    pending: Set<string>,
    ids: readonly string[],
    text: string,
    { undo, commit }: Record<'undo' | 'commit', () => Promise<void>>,
  ): void {
    for (const id of ids) pending.add(id);
    const end = (act: () => Promise<void>) => async () => {
      await this.try(act);
      for (const id of ids) pending.delete(id);
      this.toasts.emitChange();
    };
    this.toasts.show({ text, undo: end(undo), commit: end(commit) });
  }
}

/** Whether an upload is as cancelling left it: paused, or unconfirmed, which cannot be. */
function isStopped(upload: UploadView | undefined): boolean {
  return upload?.status === 'paused' || (upload?.status === 'waiting' && upload.wait.reason === 'unconfirmed');
}
