import type { Workbox } from 'workbox-window';
import type { Command } from '../shared/messages.ts';

/**
 * Reloads the page in its newest version. A version that waits behind another tab is activated
 * first: the active one would serve the previous page again.
 */
export async function reloadNewestVersion(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const next = registration?.installing ?? registration?.waiting;
  if (next) await activate(next);
  location.reload();
}

async function activate(worker: ServiceWorker): Promise<void> {
  await new Promise<void>((resolve) => {
    const advance = () => {
      if (worker.state === 'installed') worker.postMessage({ type: 'SKIP_WAITING' } satisfies Command);
      if (worker.state === 'activated' || worker.state === 'redundant') resolve();
    };
    worker.addEventListener('statechange', advance);
    advance();
  });
}

/** New versions of the app. */
export class Updates {
  readonly #workbox: Workbox;
  readonly #registration: Promise<ServiceWorkerRegistration>;
  readonly #ready: Promise<unknown>;

  /**
   * @param isWorkerCurrent whether the active worker can open the database. After a forced reload,
   * a new page may have upgraded the database while the previous version is still active, which
   * then sends nothing. To wait for the end of the uploads would take forever, so that the next
   * version is activated at once.
   */
  constructor(
    workbox: Workbox,
    registration: Promise<ServiceWorkerRegistration>,
    isWorkerCurrent: () => Promise<boolean>,
  ) {
    this.#workbox = workbox;
    this.#registration = registration;
    // Created at once, because workbox-window fires `waiting` only once.
    const waiting = new Promise((resolve) => workbox.addEventListener('waiting', resolve));
    this.#ready = new Promise((resolve) => {
      void waiting.then(async () => {
        if (await isWorkerCurrent().catch(() => true)) resolve(undefined);
        else workbox.messageSkipWaiting();
      });
    });
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
