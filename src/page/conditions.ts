import { supportsBackgroundFetch } from '../shared/background-fetch.ts';
import type { Conditions } from '../shared/close-forecast.ts';
import type { BackgroundFetchMode } from '../shared/db/preferences.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { getNetworkInformation, isOnCellular } from '../shared/network-information.ts';
import { getStagingIds } from '../shared/staging/staging.ts';
import { getBrowserSupport } from '../shared/worker-lifetime.ts';

// lib.dom does not know Background Sync (https://wicg.github.io/background-sync/spec/).
type RegistrationWithSync = ServiceWorkerRegistration & { readonly sync?: { getTags(): Promise<string[]> } };

/** The outlook, with what is known of handing over to the browser. */
export interface PageConditions extends Conditions {
  readonly mayCarry: boolean;
  readonly mode: BackgroundFetchMode;
  readonly holdsOnMobile: boolean;
}

/** What this browser promises before anything is known of it: nothing. */
export const UNKNOWN_CONDITIONS: Conditions = {
  browserSupport: { backgroundSync: false, backgroundFetch: false },
  online: true,
  syncRegistrations: 0,
  stagingIds: new Set(),
  rateBytesPerSecond: null,
  backgroundFetchBytesPerSecond: null,
};

/** Reads what the future of uploads hangs on: the engine, the alarms that are registered, what is being copied, the rate measured last. */
async function readConditions(db: UploadsDb): Promise<PageConditions> {
  const [registration, endpoint] = await Promise.all([
    navigator.serviceWorker.getRegistration(),
    db.settings.getEndpoint(),
  ]);
  const learned = endpoint && (await db.settings.getServerProfile(endpoint.uploads));
  const tags = await (registration as RegistrationWithSync | undefined)?.sync?.getTags();
  const abilities = registration ? getBrowserSupport(registration) : UNKNOWN_CONDITIONS.browserSupport;
  const holdsOnMobile = await db.settings.get('pauseOnCellular');
  const isHeld = holdsOnMobile && isOnCellular();
  // Chromium starts no Background Fetch that would have to ask another origin first.
  const isOwn = endpoint !== null && new URL(endpoint.uploads).origin === location.origin;
  return {
    browserSupport: abilities,
    mayCarry: !isHeld && abilities.backgroundFetch && isOwn && learned !== null && supportsBackgroundFetch(learned),
    mode: await db.settings.get('backgroundFetchMode'),
    holdsOnMobile,
    // A network that may not be used is none.
    online: navigator.onLine && !isHeld,
    // No alarm fires because mobile data becomes something else.
    syncRegistrations: isHeld ? 0 : (tags?.length ?? 0),
    stagingIds: await getStagingIds(),
    rateBytesPerSecond: learned?.rateBytesPerSecond ?? null,
    backgroundFetchBytesPerSecond: null,
  };
}

/** Whoever has to know what is ahead. */
export interface ConditionsObserver {
  onConditions(sight: PageConditions): void;
}

/** The least time between two looks, in ms. */
const MIN_INTERVAL_MS = 1000;

/** Keeps an eye on the outlook: looks when it is told to or the network comes or goes, and says what it sees. */
export class ConditionsMonitor {
  readonly #db: UploadsDb;
  readonly #observers: readonly ConditionsObserver[];
  readonly #closed: AbortSignal;
  #isScheduled = false;

  constructor(db: UploadsDb, parts: readonly ConditionsObserver[], closed: AbortSignal) {
    this.#db = db;
    this.#observers = parts;
    this.#closed = closed;
    for (const type of ['online', 'offline']) addEventListener(type, () => this.requestCheck(), { signal: closed });
    getNetworkInformation()?.addEventListener('change', () => this.requestCheck(), { signal: closed });
  }

  /** Looks soon; many calls of one moment are one look. */
  requestCheck(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => void this.#check().catch(() => undefined), MIN_INTERVAL_MS);
  }

  async #check(): Promise<void> {
    this.#isScheduled = false;
    if (this.#closed.aborted) return;
    const sight = await readConditions(this.#db);
    for (const part of this.#observers) part.onConditions(sight);
  }
}
