import type { Workbox } from 'workbox-window';

/** New versions of the app: told of when one is ready, and loaded when it is wanted. */
export class Updates {
  readonly #workbox: Workbox;
  readonly #registration: Promise<ServiceWorkerRegistration>;
  readonly #ready: Promise<unknown>;

  constructor(workbox: Workbox, registration: Promise<ServiceWorkerRegistration>) {
    this.#workbox = workbox;
    this.#registration = registration;
    // Told once, maybe before anybody asks.
    this.#ready = new Promise((resolve) => workbox.addEventListener('waiting', resolve));
  }

  /** Calls back when a new version of the app waits to take over, or does already. */
  onReady(listener: () => void): void {
    void this.#ready.then(listener);
  }

  /** Lets the waiting version take over, and loads the page that belongs to it. */
  async apply(): Promise<void> {
    this.#workbox.addEventListener('controlling', () => location.reload());
    if ((await this.#registration).waiting) this.#workbox.messageSkipWaiting();
    // Another tab has let it.
    else location.reload();
  }
}
