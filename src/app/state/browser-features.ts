/** What this browser tells about itself, told apart by what is there and never by its name. */

interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

export interface StorageStatus {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** Whether the browser has promised not to clear it by itself. */
  readonly durable: boolean;
}

/** Whether a `sync` event wakes the worker with the tab closed. */
export function hasBackgroundSync(): boolean {
  return 'serviceWorker' in navigator && 'sync' in ServiceWorkerRegistration.prototype;
}

/** Whether the user lets the worker show notifications; `denied` also where the browser has none. */
export function getNotificationPermission(): NotificationPermission {
  return globalThis.Notification?.permission ?? 'denied';
}

/** Asks the user, unless that is settled. */
export async function requestNotificationPermission(): Promise<void> {
  if (getNotificationPermission() === 'default') await Notification.requestPermission();
}

/** Whether the browser can carry uploads itself. */
export function hasBackgroundFetch(): boolean {
  return 'BackgroundFetchManager' in globalThis;
}

/** How much lies in this browser, and how safely; null where it does not tell. */
export async function readStorageStatus(): Promise<StorageStatus | null> {
  const storage: StorageManager | undefined = navigator.storage;
  if (!storage) return null;
  const [{ quota, usage }, durable] = await Promise.all([storage.estimate(), storage.persisted()]);
  return quota === undefined || usage === undefined ? null : { usedBytes: usage, quotaBytes: quota, durable };
}

/** Keeps the browser's offer to install the app until the user wants it. */
export class Installer extends EventTarget {
  #prompt: BeforeInstallPromptEvent | null = null;

  constructor() {
    super();
    addEventListener('beforeinstallprompt', (event) => this.#offer(event as BeforeInstallPromptEvent));
    addEventListener('appinstalled', () => this.#offer(null));
  }

  get canInstall(): boolean {
    return this.#prompt !== null;
  }

  async install(): Promise<void> {
    const prompt = this.#prompt;
    // An offer can be taken up once.
    this.#offer(null);
    await prompt?.prompt();
  }

  #offer(prompt: BeforeInstallPromptEvent | null): void {
    prompt?.preventDefault();
    this.#prompt = prompt;
    this.dispatchEvent(new Event('change'));
  }
}
