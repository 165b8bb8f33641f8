import { supportsBackgroundFetch } from '../shared/background-fetch.ts';
import type { BackgroundFetchMode } from '../shared/db/preferences.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { hasAnswered } from '../shared/http/features.ts';
import { getNetworkInformation, isOnCellular } from '../shared/network-information.ts';
import { getStagingIds } from '../shared/staging/staging.ts';
import { getBrowserSupport } from '../shared/worker-lifetime.ts';
import type { Conditions } from './close-forecast.ts';

// lib.dom does not declare Background Sync (https://wicg.github.io/background-sync/spec/).
type RegistrationWithSync = ServiceWorkerRegistration & { readonly sync?: { getTags(): Promise<string[]> } };

/** The conditions of the close forecast, and those of other parts of the page. */
export interface PageConditions extends Conditions {
  /** Whether browser, server and network allow a Background Fetch now. */
  readonly canBackgroundFetch: boolean;
  readonly backgroundFetchMode: BackgroundFetchMode;
  readonly pauseOnCellular: boolean;
}

/** The conditions before the first check, which promise nothing. */
export const UNKNOWN_CONDITIONS: Conditions = {
  browserSupport: { backgroundSync: false, backgroundFetch: false },
  online: true,
  hasReachedServer: false,
  linkProblem: null,
  unknownHost: null,
  syncRegistrations: 0,
  stagingIds: new Set(),
  rememberedBytesPerSecond: null,
};

async function readConditions(db: UploadsDb): Promise<Omit<PageConditions, 'linkProblem'>> {
  const [registration, endpoint] = await Promise.all([
    navigator.serviceWorker.getRegistration(),
    db.settings.getEndpoint(),
  ]);
  const profile = endpoint && (await db.settings.getServerProfile(endpoint.uploads));
  const tags = await (registration as RegistrationWithSync | undefined)?.sync?.getTags();
  const browserSupport = registration ? getBrowserSupport(registration) : UNKNOWN_CONDITIONS.browserSupport;
  const pauseOnCellular = await db.settings.get('pauseOnCellular');
  const isPaused = pauseOnCellular && isOnCellular();
  // Chromium starts no Background Fetch that needs a CORS preflight.
  const isSameOrigin = endpoint !== null && new URL(endpoint.uploads).origin === location.origin;
  const isKnown = profile !== null && hasAnswered(profile);
  const isAllowed = isSameOrigin && profile !== null && supportsBackgroundFetch(profile);
  return {
    browserSupport,
    canBackgroundFetch: !isPaused && browserSupport.backgroundFetch && isAllowed,
    backgroundFetchMode: await db.settings.get('backgroundFetchMode'),
    pauseOnCellular,
    // A network that must not be used counts as none.
    online: navigator.onLine && !isPaused,
    hasReachedServer: !!registration?.active && isKnown,
    unknownHost: isKnown || isSameOrigin || !endpoint ? null : new URL(endpoint.uploads).host,
    // No sync event fires when a cellular network is replaced by another one.
    syncRegistrations: isPaused ? 0 : (tags?.length ?? 0),
    stagingIds: await getStagingIds(),
    rememberedBytesPerSecond: profile?.rateBytesPerSecond ?? null,
  };
}

/** A part of the page that depends on the conditions. */
export interface ConditionsObserver {
  onConditions(conditions: PageConditions): void;
}

/** The least time between two checks, in ms. */
const MIN_INTERVAL_MS = 1000;

/**
 * Checks the conditions on request and when the network changes, and passes them to its observers.
 */
export class ConditionsMonitor {
  readonly #db: UploadsDb;
  readonly #observers: readonly ConditionsObserver[];
  readonly #closed: AbortSignal;
  #isScheduled = false;
  #last: Omit<PageConditions, 'linkProblem'> | null = null;
  #linkProblem: string | null = null;

  constructor(db: UploadsDb, observers: readonly ConditionsObserver[], closed: AbortSignal) {
    this.#db = db;
    this.#observers = observers;
    this.#closed = closed;
    for (const type of ['online', 'offline']) addEventListener(type, () => this.requestCheck(), { signal: closed });
    getNetworkInformation()?.addEventListener('change', () => this.requestCheck(), { signal: closed });
  }

  /** Schedules a check. Several requests in a row cause one check. */
  requestCheck(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => void this.#check().catch(() => undefined), MIN_INTERVAL_MS);
  }

  /** The worker reports what keeps it from the server; null for nothing. */
  onLink(problem: string | null): void {
    this.#linkProblem = problem;
    this.#emit();
    // The first response of a server changes its profile.
    this.requestCheck();
  }

  async #check(): Promise<void> {
    this.#isScheduled = false;
    if (this.#closed.aborted) return;
    this.#last = await readConditions(this.#db);
    this.#emit();
  }

  #emit(): void {
    if (!this.#last) return;
    const conditions = { ...this.#last, linkProblem: this.#linkProblem };
    for (const observer of this.#observers) observer.onConditions(conditions);
  }
}
