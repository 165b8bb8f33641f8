// lib.webworker does not know Background Sync (https://wicg.github.io/background-sync/spec/).
interface SyncManager {
  register(tag: string): Promise<void>;
}

const TAG = 'upload-alarm';

/** Wakes that the browser keeps for us (Background Sync): once online, then twice again after a rejection. */
export class Alarms {
  readonly #sync: SyncManager | null;
  #isSet = false;

  constructor(registration: ServiceWorkerRegistration) {
    this.#sync = 'sync' in registration ? (registration.sync as SyncManager) : null;
  }

  get supported(): boolean {
    return this.#sync !== null;
  }

  /** Whether a sync event is one of ours; it is over with firing. */
  isOurs(tag: string): boolean {
    if (tag !== TAG) return false;
    this.#isSet = false;
    return true;
  }

  /** Registers the next alarm; false where the engine has none, or refuses one because no window is open. */
  async set(): Promise<boolean> {
    if (this.#isSet) return true;
    try {
      await this.#sync?.register(TAG);
      this.#isSet = this.#sync !== null;
    } catch {
      this.#isSet = false;
    }
    return this.#isSet;
  }
}
