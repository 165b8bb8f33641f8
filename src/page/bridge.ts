import { Workbox } from 'workbox-window';
import { UploadError } from '../shared/errors.ts';
import { type Command, type Notice, parseNotice } from '../shared/messages.ts';
import { Updates } from './updates.ts';

/** The one way between this page and its worker. */
export class Bridge {
  /** New versions of page and worker. */
  readonly updates: Updates;
  readonly #ready: Promise<ServiceWorkerRegistration>;
  readonly #tabs = new BroadcastChannel('uploader-user');
  readonly #listening = new AbortController();
  #registration: ServiceWorkerRegistration | null = null;

  /**
   * @param workerUrl where the worker's script lies, at the root of its scope.
   * @throws UploadError `worker_unavailable` where the browser has no service workers, or the page is not served securely.
   */
  constructor(workerUrl: string, type: WorkerType) {
    if (!('serviceWorker' in navigator)) {
      const message =
        'This browser cannot upload in the background: open the page over https, outside private windows.';
      throw new UploadError('worker_unavailable', message);
    }
    const workbox = new Workbox(workerUrl, { type });
    this.#ready = workbox.register().then(
      () => navigator.serviceWorker.ready,
      (cause: unknown) => {
        throw new UploadError('worker_unavailable', 'The background uploader could not be started.', { cause });
      },
    );
    this.updates = new Updates(workbox, this.#ready);
    const { signal } = this.#listening;
    // A version that takes over drives nothing before it is woken.
    const wake = () => void this.sendIfActive({ type: 'wake' });
    navigator.serviceWorker.addEventListener('controllerchange', wake, { signal });
    // A worker that cannot be registered is told by whoever sends; the page itself still shows its list.
    this.#ready.then(
      (registration) => {
        this.#registration = registration;
      },
      () => undefined,
    );
  }

  /** Resolves when there is a worker to tell; rejects with UploadError `worker_unavailable`. */
  get ready(): Promise<void> {
    return this.#ready.then(() => undefined);
  }

  /** The registration once it has a worker; rejects with UploadError `worker_unavailable`. */
  get registration(): Promise<ServiceWorkerRegistration> {
    return this.#ready;
  }

  /** Tells the worker as soon as there is one; throws UploadError `worker_unavailable` when there will be none. */
  async send(command: Command): Promise<void> {
    if (await this.sendIfActive(command)) return;
    (await this.#ready).active?.postMessage(command);
  }

  /** Tells a worker that is there already, without waiting for this page's own registration; false when there is none. */
  async sendIfActive(command: Command): Promise<boolean> {
    const active = (this.#registration ?? (await navigator.serviceWorker.getRegistration()))?.active;
    active?.postMessage(command);
    return !!active;
  }

  /** Tells the worker in this very turn, for a page that is going away and has no other; not at all when there is none yet. */
  sendNow(command: Command): void {
    this.#registration?.active?.postMessage(command);
  }

  /** Tells the other tabs that somebody else is signed in. */
  announceUserChange(): void {
    this.#tabs.postMessage(null);
  }

  /** Calls back when another tab signed somebody in or out. */
  onUserChange(listener: () => void): void {
    this.#tabs.addEventListener('message', listener);
  }

  onNotice(listener: (notice: Notice) => void): void {
    const { signal } = this.#listening;
    const hear = (event: MessageEvent<unknown>) => {
      const notice = parseNotice(event.data);
      if (notice) listener(notice);
    };
    navigator.serviceWorker.addEventListener('message', hear, { signal });
    // Messages are held back until the page says it listens, unless onmessage is used.
    navigator.serviceWorker.startMessages();
  }

  close(): void {
    this.#listening.abort();
    this.#tabs.close();
  }
}
