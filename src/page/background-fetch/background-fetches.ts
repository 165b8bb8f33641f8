import {
  createReturnTransition,
  getBackgroundFetchId,
  getBackgroundFetchManager,
  isBackgroundFetchCandidate,
} from '../../shared/background-fetch.ts';
import type { BackgroundFetchMode } from '../../shared/db/preferences.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { getEventBudgetMs } from '../../shared/worker-lifetime.ts';
import type { Announce } from '../announce.ts';
import type { Bridge } from '../bridge.ts';
import type { CloseForecast } from '../close-forecast.ts';
import type { PageConditions } from '../conditions.ts';
import { loadPart } from '../load-part.ts';
import type { UploadStore } from '../queue/upload-store.ts';
import type { UploadView } from '../queue/upload-views.ts';
import { AutoStart } from './auto-start.ts';
import { FetchProgress } from './fetch-progress.ts';
import type { StartDependencies } from './start-background-fetch.ts';
import { WorkerRequests } from './worker-requests.ts';

/** How long the worker runs after the last message of a closing page, in ms. */
const CLOSING_MESSAGE_MS = getEventBudgetMs('message', { backgroundSync: true, backgroundFetch: true });

interface BackgroundFetchesDependencies {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly store: UploadStore;
  readonly announce: Announce;
  readonly getUiOptions: StartDependencies['getUiOptions'] | undefined;
}

/**
 * Starts, follows and aborts Background Fetches: uploads that the browser itself sends with every
 * page closed.
 */
export class BackgroundFetches {
  readonly #dependencies: BackgroundFetchesDependencies;
  readonly #worker: WorkerRequests;
  readonly #progress: FetchProgress;
  readonly #autoStart = new AutoStart();
  #isAllowed = false;
  #starting: AbortController | null = null;
  #mode: BackgroundFetchMode = 'ask';

  constructor(dependencies: BackgroundFetchesDependencies) {
    const { bridge, store } = dependencies;
    this.#dependencies = dependencies;
    this.#worker = new WorkerRequests(bridge, store);
    this.#progress = new FetchProgress(dependencies);
    store.subscribe((uploads) => void this.#onUploads(uploads).catch(() => undefined));
  }

  /** Whether a Background Fetch starts on request, automatically, or never. */
  get mode(): BackgroundFetchMode {
    return this.#mode;
  }

  /** Stores the user's choice. */
  async setMode(mode: BackgroundFetchMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'never') this.cancelStart();
    await this.#dependencies.db.settings.set('backgroundFetchMode', mode);
  }

  onConditions({ canBackgroundFetch, backgroundFetchMode }: PageConditions): void {
    this.#isAllowed = canBackgroundFetch;
    this.#mode = backgroundFetchMode;
    if (!canBackgroundFetch || backgroundFetchMode === 'never') this.cancelStart();
  }

  /** Whether a Background Fetch is being prepared and has not started. */
  get isStarting(): boolean {
    return this.#starting !== null;
  }

  /**
   * The uploads that a Background Fetch can send; empty unless one of them would outlast the
   * closing page's worker.
   */
  get eligible(): readonly UploadView[] {
    if (!this.#isAllowed || this.#mode === 'never' || this.isStarting) return [];
    const candidates = this.#dependencies.store.all.filter(isBackgroundFetchCandidate);
    return candidates.some(({ closeForecast }) => outlastsClosing(closeForecast)) ? candidates : [];
  }

  /**
   * Starts a Background Fetch of the eligible uploads. Chromium allows one start per tab, and
   * another one after each click or key press.
   *
   * @throws UploadError `background_fetch_refused`.
   */
  start(): Promise<void> {
    return this.#start(new AbortController());
  }

  /** Cancels a start while it is being prepared. The worker continues. */
  cancelStart(): void {
    this.#starting?.abort();
  }

  /**
   * Ends the Background Fetch of an upload. The worker aborts the fetch and sends all of its
   * uploads.
   */
  async abort(id: string): Promise<void> {
    const { db, announce } = this.#dependencies;
    const upload = await db.get(id);
    const fetchId = upload ? getBackgroundFetchId(upload) : null;
    if (!upload || fetchId === null) return;
    // All uploads at once: while one of them claims the fetch, the worker keeps it running.
    const returned = await db.updateAll(upload.ownerId, ['waiting'], createReturnTransition(fetchId));
    await Promise.all(returned.map((one) => announce(one.id, one)));
  }

  async #start(starting: AbortController): Promise<void> {
    const { bridge, store } = this.#dependencies;
    const uploads = this.eligible;
    const { ownerId } = store;
    this.#setStarting(starting);
    // Preparing may take a minute, in which another user may sign in.
    const stop = store.subscribe(() => {
      if (store.ownerId !== ownerId) starting.abort();
    });
    try {
      const manager = getBackgroundFetchManager(await bridge.registration);
      if (!manager || uploads.length === 0) return;
      await this.#worker.openSessions(uploads, starting.signal);
      const ids = uploads.map(({ id }) => id);
      // Loaded on demand, because few pages need it.
      const { startBackgroundFetch } = await loadPart(import('./start-background-fetch.ts'));
      await startBackgroundFetch(this.#createStartDependencies(), manager, ids, starting.signal);
    } finally {
      stop();
      this.#setStarting(null);
    }
  }

  #createStartDependencies(): StartDependencies {
    const { db, announce, getUiOptions = () => ({ title: document.title }) } = this.#dependencies;
    return { db, announce, getUiOptions, release: (fetchId) => this.#worker.release(fetchId) };
  }

  #setStarting(starting: AbortController | null): void {
    this.#starting = starting;
    this.#dependencies.store.scheduleNotify();
  }

  async #onUploads(uploads: readonly UploadView[]): Promise<void> {
    await this.#progress.follow(uploads);
    if (this.#mode === 'always') await this.#startAutomatically();
  }

  async #startAutomatically(): Promise<void> {
    const ids = this.eligible.map(({ id }) => id);
    if (!this.#autoStart.isDue(ids, performance.now())) return;
    const starting = new AbortController();
    await this.#start(starting).catch(() => undefined);
    // A start that the user cancelled is not tried again.
    const candidates = this.#dependencies.store.all.filter(isBackgroundFetchCandidate);
    const left = starting.signal.aborted ? [] : candidates.map(({ id }) => id);
    this.#autoStart.recordTry(ids, new Set(left), performance.now());
  }
}

/** Whether the worker cannot finish within the last message of a closing page. */
function outlastsClosing(forecast: CloseForecast): boolean {
  if (forecast.kind === 'finishes') return forecast.inMs > CLOSING_MESSAGE_MS;
  if (forecast.kind === 'unmeasured' || forecast.kind === 'retrying')
    return (forecast.plannedMs ?? 0) > CLOSING_MESSAGE_MS;
  return forecast.kind === 'continues';
}
