import { Workbox } from 'workbox-window';
import { UploadError } from '../shared/errors.ts';
import { type Command, type Notice, parseNotice } from '../shared/messages.ts';
import { Updates } from './updates.ts';
import { createWorkerError } from './worker-error.ts';

/** A message from one tab to the others. */
export type TabMessage =
  /** This page changed or removed an upload. */
  | { readonly type: 'changed'; readonly id: string }
  /** This page changed many uploads, or the signed-in user. */
  | { readonly type: 'all-changed' };

/** Every message between this page, its worker and the other tabs. */
export class Bridge {
  /** New versions of page and worker. */
  readonly updates: Updates;
  readonly #ready: Promise<ServiceWorkerRegistration>;
  readonly #tabs = new BroadcastChannel('uploader-tabs');
  readonly #listening = new AbortController();
  #registration: ServiceWorkerRegistration | null = null;

  /**
   * @param workerUrl the worker's script, in the root of its scope.
   * @param isWorkerCurrent whether the active worker can open the database.
   * @throws UploadError `worker_unavailable` where the browser has no service workers, or the page
   * is not served securely.
   */
  constructor(workerUrl: string, type: WorkerType, isWorkerCurrent: () => Promise<boolean>) {
    if (!('serviceWorker' in navigator)) {
      const message =
        'This browser cannot upload in the background. Open the page over https, outside private windows.';
      throw new UploadError('worker_unavailable', message);
    }
    const workbox = new Workbox(workerUrl, { type });
    this.#ready = workbox.register().then(
      () => navigator.serviceWorker.ready,
      async (cause: unknown) => {
        throw await createWorkerError(workerUrl, cause);
      },
    );
    this.updates = new Updates(workbox, this.#ready, isWorkerCurrent);
    const { signal } = this.#listening;
    // A new worker version sends nothing before a page wakes it.
    const wake = () => void this.sendIfActive({ type: 'wake' });
    navigator.serviceWorker.addEventListener('controllerchange', wake, { signal });
    // `send` and `ready` report a failed registration. The page shows its list without a worker.
    this.#ready.then(
      (registration) => {
        this.#registration = registration;
      },
      () => undefined,
    );
  }

  /** Resolves when a worker can receive messages; rejects with UploadError `worker_unavailable`. */
  get ready(): Promise<void> {
    return this.#ready.then(() => undefined);
  }

  /** The registration once it has a worker; rejects with UploadError `worker_unavailable`. */
  get registration(): Promise<ServiceWorkerRegistration> {
    return this.#ready;
  }

  /**
   * Sends a command to the worker, once there is one; rejects with UploadError
   * `worker_unavailable`.
   */
  async send(command: Command): Promise<void> {
    if (await this.sendIfActive(command)) return;
    (await this.#ready).active?.postMessage(command);
  }

  /**
   * Sends a command to an active worker without waiting for this page's registration; false if
   * there is no worker.
   */
  async sendIfActive(command: Command): Promise<boolean> {
    const active = (this.#registration ?? (await navigator.serviceWorker.getRegistration()))?.active;
    active?.postMessage(command);
    return !!active;
  }

  /**
   * Sends a command in the current task, because a page that is being closed runs no other; needs
   * an active worker.
   */
  sendNow(command: Command): void {
    this.#registration?.active?.postMessage(command);
  }

  /** Informs the other tabs of a change that this page made. */
  announce(message: TabMessage): void {
    this.#tabs.postMessage(message);
  }

  /** Calls back with the announcements of other tabs. */
  onAnnouncement(listener: (message: TabMessage) => void): void {
    this.#tabs.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = parseTabMessage(data);
      if (message) listener(message);
    });
  }

  /** Calls back with the notices of the worker. */
  onNotice(listener: (notice: Notice) => void): void {
    const { signal } = this.#listening;
    const onMessage = (event: MessageEvent<unknown>) => {
      const notice = parseNotice(event.data);
      if (notice) listener(notice);
    };
    navigator.serviceWorker.addEventListener('message', onMessage, { signal });
    // The browser holds messages back until `onmessage` is set or this is called.
    navigator.serviceWorker.startMessages();
  }

  close(): void {
    this.#listening.abort();
    this.#tabs.close();
  }
}

/** The message of a tab of this or another version, or null if this version does not know it. */
function parseTabMessage(data: unknown): TabMessage | null {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null;
  if (data.type === 'all-changed') return { type: data.type };
  if (data.type !== 'changed' || !('id' in data) || typeof data.id !== 'string') return null;
  return { type: 'changed', id: data.id };
}
