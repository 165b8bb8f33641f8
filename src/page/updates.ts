import type { Workbox } from 'workbox-window';

/** New versions of the app. */
export class Updates {
  readonly #workbox: Workbox;
  readonly #registration: Promise<ServiceWorkerRegistration>;
  readonly #ready: Promise<unknown>;

  constructor(workbox: Workbox, registration: Promise<ServiceWorkerRegistration>) {
    this.#workbox = workbox;
    this.#registration = registration;
    // Created at once, because workbox-window fires `waiting` only once.
    this.#ready = new Promise((resolve) => workbox.addEventListener('waiting', resolve));
  }

  /** Calls back when a new version is waiting, or at once if one is already. */
  onReady(listener: () => void): void {
    void this.#ready.then(listener);
  }

  /** Activates the waiting version, then reloads the page. */
  async apply(): Promise<void> {
    this.#workbox.addEventListener('controlling', () => location.reload());
    if ((await this.#registration).waiting) this.#workbox.messageSkipWaiting();
    // Another tab has activated it.
    else location.reload();
  }
}
