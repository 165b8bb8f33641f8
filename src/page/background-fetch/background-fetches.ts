import {
  type BackgroundFetchRegistration,
  canStartBackgroundFetch,
  createReleaseTransition,
  getBackgroundFetchId,
  getBackgroundFetchManager,
  isBackgroundFetchCandidate,
} from '../../shared/background-fetch.ts';
import type { CloseForecast } from '../../shared/close-forecast.ts';
import type { BackgroundFetchMode } from '../../shared/db/preferences.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Progress } from '../../shared/messages.ts';
import { getEventBudgetMs } from '../../shared/worker-lifetime.ts';
import type { Bridge } from '../bridge.ts';
import { readProgress } from '../queue/progress.ts';
import type { UploadStore } from '../queue/upload-store.ts';
import type { UploadView } from '../queue/upload-views.ts';
import { AutoStart } from './auto-start.ts';
import { ByteRate } from './byte-rate.ts';
import type { StartDependencies } from './start-background-fetch.ts';

/** A worker that lives lets go in some ms; one that has died has let go already. */
const RELEASE_TIMEOUT_MS = 5000;
/** What has not begun by then is left to the worker, in ms. */
const OPEN_SESSIONS_TIMEOUT_MS = 30_000;
/** At most so many are begun for it: each takes one of the places that a server has for a user (ours 1000). */
const MAX_SESSIONS_TO_OPEN = 250;
const CLOSING_MESSAGE_MS = getEventBudgetMs('message', { backgroundSync: true, backgroundFetch: true });

/** What is needed to carry: the truth, the worker, the list, and how a change is told. */
export interface BackgroundFetchesDependencies {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly views: UploadStore;
  readonly onChange: (id: string) => Promise<void>;
  readonly getUiOptions: StartDependencies['getUiOptions'] | undefined;
}

/** What the browser itself sends with every page closed (Background Fetch): offered, handed over, followed and taken back. */
export class BackgroundFetches {
  readonly #dependencies: BackgroundFetchesDependencies;
  readonly #startDependencies: StartDependencies;
  readonly #pendingReleases = new Map<string, () => void>();
  readonly #followed = new Map<string, BackgroundFetchRegistration>();
  readonly #autoStart = new AutoStart();
  #isAllowed = false;
  #starting: AbortController | null = null;
  #mode: BackgroundFetchMode = 'ask';

  constructor(parts: BackgroundFetchesDependencies) {
    this.#dependencies = parts;
    const { db, bridge, onChange: told, getUiOptions: look = () => ({ title: document.title }) } = parts;
    this.#startDependencies = { db, onChange: told, getUiOptions: look, release: (fetchId) => this.#release(fetchId) };
    bridge.onNotice((notice) => {
      if (notice.type === 'released') this.#pendingReleases.get(notice.fetchId)?.();
    });
    parts.views.subscribe((uploads) => void this.#follow(uploads).catch(() => undefined));
  }

  /** Whether uploads are handed over by themselves, on request, or never. */
  get mode(): BackgroundFetchMode {
    return this.#mode;
  }

  /** Remembers the user's choice. */
  async setMode(mode: BackgroundFetchMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'never') this.cancelStart();
    await this.#dependencies.db.settings.set('backgroundFetchMode', mode);
  }

  /** What engine and server allow is known anew. */
  onConditions({ mayCarry, mode }: { mayCarry: boolean; mode: BackgroundFetchMode }): void {
    this.#isAllowed = mayCarry;
    this.#mode = mode;
    if (!mayCarry || mode === 'never') this.cancelStart();
  }

  /** Whether a hand-over is under way that the browser has not taken yet. */
  get isStarting(): boolean {
    return this.#starting !== null;
  }

  /** The uploads that can be handed over, where one of them would not be finished soon after closing; else none. */
  get eligible(): readonly UploadView[] {
    if (!this.#isAllowed || this.#mode === 'never' || this.isStarting) return [];
    const able = this.#dependencies.views.all.filter(isBackgroundFetchCandidate);
    return able.some(({ closeForecast: closing }) => outlastsClosing(closing)) ? able : [];
  }

  /**
   * Hands over what is on offer. Without a click since the last one Chromium allows one start in each tab.
   *
   * @throws UploadError `hand_over_refused`.
   */
  start(): Promise<void> {
    return this.#start(new AbortController());
  }

  /** The user does not want to wait for what is being prepared: nothing is handed over. */
  cancelStart(): void {
    this.#starting?.abort();
  }

  async #start(preparing: AbortController): Promise<void> {
    const { bridge, views } = this.#dependencies;
    const uploads = this.eligible;
    const { ownerId: owner } = views;
    this.#setStarting(preparing);
    // It may take a minute, in which somebody else may sign in.
    const stop = views.subscribe(() => {
      if (views.ownerId !== owner) preparing.abort();
    });
    try {
      const carrier = getBackgroundFetchManager(await bridge.registration);
      if (!carrier || uploads.length === 0) return;
      await this.#openSessions(uploads, preparing.signal);
      const ids = uploads.map(({ id }) => id);
      // Loaded when it is wanted, because few uploads are handed over and it brings WebAssembly for the digests.
      const { startBackgroundFetch: handOver } = await import('./start-background-fetch.ts');
      await handOver(this.#startDependencies, carrier, ids, preparing.signal);
    } finally {
      stop();
      this.#setStarting(null);
    }
  }

  #setStarting(preparing: AbortController | null): void {
    this.#starting = preparing;
    this.#dependencies.views.scheduleNotify();
  }

  /** Takes back this upload and all that were handed over with it: the worker ends their Background Fetch and goes on with them. */
  async abort(id: string): Promise<void> {
    const { db, onChange: told } = this.#dependencies;
    const upload = await db.get(id);
    const fetchId = upload ? getBackgroundFetchId(upload) : null;
    if (!upload || fetchId === null) return;
    // Found in the database and all at once: as long as one of them claims the fetch, the worker lets it go on.
    const ids = await db.updateAll(upload.ownerId, ['waiting'], createReleaseTransition(fetchId));
    await Promise.all(ids.map(told));
  }

  async #follow(uploads: readonly UploadView[]): Promise<void> {
    const fetchIds = new Set(uploads.map(getBackgroundFetchId).filter((id) => id !== null));
    for (const fetchId of fetchIds) {
      if (this.#followed.has(fetchId)) continue;
      const fetch = await getBackgroundFetchManager(await this.#dependencies.bridge.registration)?.get(fetchId);
      // Recorded but not started yet: the next change finds it.
      if (!fetch || this.#followed.has(fetchId)) continue;
      this.#followed.set(fetchId, fetch);
      const carried = uploads.filter((upload) => getBackgroundFetchId(upload) === fetchId);
      await this.#trackProgress(fetch, carried);
    }
    if (this.#mode === 'always') await this.#startAutomatically();
  }

  async #startAutomatically(): Promise<void> {
    const ids = this.eligible.map(({ id }) => id);
    if (!this.#autoStart.isDue(ids, performance.now())) return;
    const preparing = new AbortController();
    await this.#start(preparing).catch(() => undefined);
    // What the user stopped is not pressed on him.
    const left = preparing.signal.aborted
      ? []
      : this.#dependencies.views.all.filter(isBackgroundFetchCandidate).map(({ id }) => id);
    this.#autoStart.recordTry(ids, new Set(left), performance.now());
  }

  async #trackProgress(fetch: BackgroundFetchRegistration, uploads: readonly UploadView[]): Promise<void> {
    const { db, views } = this.#dependencies;
    const before = await Promise.all(uploads.map((upload) => readProgress(db, upload)));
    const pace = new ByteRate();
    const tell = () => {
      pace.addSample(fetch.uploaded, performance.now());
      for (const progress of splitProgress(fetch, before, pace.bytesPerSecond)) views.setProgress(progress);
    };
    fetch.addEventListener('progress', tell);
    tell();
  }

  /** The worker sends one upload after the other, so most have no session yet that the browser could send to. */
  async #openSessions(uploads: readonly UploadView[], signal: AbortSignal): Promise<void> {
    const { bridge, views } = this.#dependencies;
    const some = uploads.filter((upload) => !isReadyToStart(upload)).slice(0, MAX_SESSIONS_TO_OPEN);
    if (some.length === 0) return;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(OPEN_SESSIONS_TIMEOUT_MS)]);
    await bridge.send({ type: 'open-sessions', ids: some.map(({ id }) => id) });
    await Promise.all(some.map((upload) => views.waitFor(upload, isReadyToStart, inTime))).catch(() => undefined);
    // What has none yet is in no hurry any more.
    await bridge.send({ type: 'open-sessions', ids: [] });
  }

  async #release(fetchId: string): Promise<void> {
    const isFree = new Promise<void>((resolve) => this.#pendingReleases.set(fetchId, resolve));
    await this.#dependencies.bridge.send({ type: 'release', fetchId });
    await Promise.race([isFree, new Promise((resolve) => setTimeout(resolve, RELEASE_TIMEOUT_MS))]);
    this.#pendingReleases.delete(fetchId);
  }
}

/** Whether nothing is to be waited for: what waits for another try would have everybody wait for it. */
function isReadyToStart(upload: UploadView | undefined): boolean {
  return (
    !upload || canStartBackgroundFetch(upload) || upload.status === 'waiting' || !isBackgroundFetchCandidate(upload)
  );
}

/** Whether the worker would not be done when the closing page's last message ends. */
function outlastsClosing(closing: CloseForecast): boolean {
  if (closing.kind === 'finishes') return closing.inMs > CLOSING_MESSAGE_MS;
  return closing.kind === 'continues';
}

/**
 * The progress of uploads that share a Background Fetch, from its byte count: the browser sends them in order. Nothing
 * of that is acknowledged yet.
 */
function splitProgress(
  { uploaded, uploadTotal }: Pick<BackgroundFetchRegistration, 'uploaded' | 'uploadTotal'>,
  before: readonly Progress[],
  rate: number | null,
): Progress[] {
  const leftBytes = before.reduce((sum, { bytesTotal, bytesUploaded }) => sum + bytesTotal - bytesUploaded, 0);
  // The bodies are a little larger than the bytes of the files in them.
  let sent = uploadTotal > 0 ? Math.floor((uploaded / uploadTotal) * leftBytes) : 0;
  return before.map((progress) => {
    const own = Math.min(sent, progress.bytesTotal - progress.bytesUploaded);
    sent -= own;
    const bytesUploaded = progress.bytesUploaded + own;
    const secondsLeft = rate === null ? null : (progress.bytesTotal - bytesUploaded) / rate;
    return { ...progress, bytesUploaded, rateBytesPerSecond: rate, secondsLeft };
  });
}
