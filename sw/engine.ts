import type { BackgroundFetchRegistration } from '../src/shared/background-fetch.ts';
import { canRetry } from '../src/shared/can-retry.ts';
import { parseCommand } from '../src/shared/messages.ts';
import { retryTransition } from '../src/shared/retry-transition.ts';
import {
  type BrowserSupport,
  getBrowserSupport,
  SYNC_SPACING_MS,
  type WakeKind,
} from '../src/shared/worker-lifetime.ts';
import { showApp } from './background/app-window.ts';
import { createFailedChunksQueue, noFailedChunks } from './background/failed-chunks.ts';
import { createShareUrl, holdSharedFiles } from './background/share.ts';
import { SyncRegistrations } from './background/sync-registrations.ts';
import { type EngineDependencies, openDependencies, type WorkerScope } from './compose.ts';
import { realClock } from './ports/clock.ts';
import { createTabs } from './ports/platform.ts';
import type { FailedChunks, Tabs } from './ports/ports.ts';
import { hasDueWork, hasPartlyStaged, isDueUpload } from './schedule/due-work.ts';
import { createWake, type Wake } from './schedule/wake.ts';

/**
 * Handles every event of the service worker. Pass the promise of each method to `waitUntil`, that
 * of `onShare` to `respondWith`.
 */
export class Engine {
  readonly #scope: WorkerScope;
  readonly #support: BrowserSupport;
  readonly #syncRegistrations: SyncRegistrations;
  readonly #tabs: Tabs;
  readonly #failedChunks: FailedChunks;
  #dependencies: Promise<EngineDependencies> | null = null;

  /** Call in the script's first turn: Workbox has to listen before the first `sync` event. */
  constructor(scope: WorkerScope) {
    this.#scope = scope;
    this.#support = getBrowserSupport(scope.registration);
    this.#syncRegistrations = new SyncRegistrations(scope.registration);
    this.#tabs = createTabs(scope.clients);
    this.#failedChunks = this.#support.backgroundSync ? createFailedChunksQueue(() => this.onSync()) : noFailedChunks;
  }

  /** `message`: a command of a page. Unknown commands are ignored. */
  async onMessage(data: unknown): Promise<void> {
    const wake = this.#createWake('message');
    const command = parseCommand(data);
    switch (command?.type) {
      case 'SKIP_WAITING':
        return this.#scope.skipWaiting();
      case 'release':
        return this.#release(command.fetchId);
      case 'changed':
        return this.#onChanged(command.id, wake);
      case 'open-sessions':
        (await this.#load()).driver.openSessions(command.ids);
        return this.#drive(wake);
      case 'wake':
        (await this.#load()).notifications.dismissAll();
        return this.#drive(wake);
    }
  }

  /** `fetch` of the share target: holds the shared files and opens the app, which asks the user. */
  async onShare({ request }: FetchEvent): Promise<Response> {
    const holding = this.#load().then(({ db }) => holdSharedFiles(db, request));
    const result = await holding.catch(() => 'failed' as const);
    // Relative to the worker, because the app may have a path.
    return Response.redirect(createShareUrl(result), 303);
  }

  /** Whether a `sync` event is for `onSync`. Workbox handles the tag of its own queue. */
  ownsSync(tag: string): boolean {
    return this.#syncRegistrations.owns(tag);
  }

  /**
   * `sync`: sends until the deadline.
   *
   * @param tag the tag of the event; undefined when the Workbox queue forwards its own event.
   * @throws Error if work is left and this event registered no next `sync`: only a rejection makes
   * the browser fire the event again.
   */
  async onSync(tag?: string): Promise<void> {
    await this.#sendUntilRejection(tag).finally(() => this.#syncRegistrations.onSyncEnd());
  }

  /**
   * `activate`: claims the open pages and drives nothing, because every navigation waits for this
   * event. The pages wake the worker when it controls them.
   */
  onActivate(): Promise<void> {
    return this.#scope.clients.claim();
  }

  /** `backgroundfetchsuccess`, `-fail` and `-abort`: stores the results and sends the rest. */
  async onBackgroundFetchDone(fetch: BackgroundFetchRegistration): Promise<void> {
    const wake = this.#createWake('background-fetch');
    const { driver, backgroundFetches, notifications } = await this.#load();
    await backgroundFetches.recordResults(fetch);
    await driver.drive(wake);
    await notifications.settled;
  }

  /** `backgroundfetchclick`: shows the upload in the app. */
  async onBackgroundFetchClick(fetch: BackgroundFetchRegistration): Promise<void> {
    const { backgroundFetches } = await this.#load();
    await this.#showApp(await backgroundFetches.findUploadId(fetch));
  }

  /** `notificationclick`: retries the failed uploads, or shows the latest upload in the app. */
  async onNotificationClick(notification: Notification, action: string): Promise<void> {
    const wake = this.#createWake('click');
    notification.close();
    const { db, driver, notifications } = await this.#load();
    const ids = await notifications.acknowledge();
    if (action !== 'retry') return this.#showApp(ids.at(-1) ?? null);
    for (const id of ids) {
      await db.update(id, (before) => (canRetry(before) ? retryTransition(before) : null));
      driver.hint(id);
      await this.#tabs.post({ type: 'changed', id });
    }
    await driver.drive(wake);
    await notifications.settled;
  }

  /** `notificationclose`: later notifications leave out the uploads of this one. */
  async onNotificationClose(): Promise<void> {
    await (await this.#load()).notifications.acknowledge();
  }

  async #sendUntilRejection(tag: string | undefined): Promise<void> {
    const now = realClock.ticks();
    const wake = this.#createWake('sync');
    const { db, driver, backgroundFetches, notifications } = await this.#load();
    notifications.updateBadge();
    const { unclaimed } = await backgroundFetches.reconcile();
    // First, because staging may end at any time: then the work is due.
    const isBeingStaged = await hasPartlyStaged(db);
    const isNextRegistered =
      (await hasDueWork(db, realClock, wake)) && (await this.#syncRegistrations.register(now, tag));
    // A sync event that would not extend the worker's lifetime rejects early. While a file is being
    // staged the event stays, because it fires again after a crash only while it is active.
    const isNeeded = isNextRegistered || isBeingStaged;
    const extendsLifetime = isNeeded || driver.heldUntil < wake.deadline - SYNC_SPACING_MS / 2;
    const rejectAt = extendsLifetime ? wake.deadline : this.#syncRegistrations.nextRejectAt(now);
    const deadline = Math.min(wake.deadline, rejectAt);
    const [result] = await Promise.all([driver.drive({ ...wake, deadline }), backgroundFetches.abortAll(unclaimed)]);
    await notifications.settled;
    if (result === 'work-left' && !isNextRegistered) throw new Error('Work is left for the next sync event.');
  }

  /**
   * Opens the database with the first event that needs it: a version that is still waiting must not
   * take the database from the version that sends.
   */
  #load(): Promise<EngineDependencies> {
    const reset = () => {
      this.#dependencies = null;
    };
    this.#dependencies ??= openDependencies(this.#scope, this.#tabs, this.#failedChunks).then(
      (dependencies) => {
        void dependencies.db.terminated.then(reset);
        return dependencies;
      },
      (error: unknown) => {
        reset();
        throw error;
      },
    );
    return this.#dependencies;
  }

  async #onChanged(id: string, wake: Wake): Promise<void> {
    const { driver, backgroundFetches, notifications } = await this.#load();
    driver.hint(id);
    const registering = this.#registerFor(id);
    // A page may queue thousands of uploads at once: an active run reads only this record.
    const driving = driver.acceptsHints ? driver.join(wake) : null;
    if (!driving) await this.#drive(wake);
    else if (await backgroundFetches.hasActive()) await this.#maintain(wake, driving);
    await Promise.all([driving, registering]);
    await notifications.settled;
  }

  /** Registers for a sync event once an upload has staged bytes, because a crash may follow. */
  async #registerFor(id: string): Promise<void> {
    if (!this.#syncRegistrations.isMissing) return;
    const now = realClock.ticks();
    const { db } = await this.#load();
    if (await isDueUpload(db, realClock, id)) await this.#syncRegistrations.register(now);
  }

  async #release(fetchId: string): Promise<void> {
    const { driver, backgroundFetches } = await this.#load();
    await driver.release(await backgroundFetches.getUploadIds(fetchId));
    await this.#tabs.post({ type: 'released', fetchId });
  }

  /** Sends before `reconcile()`, which would delay the first byte. */
  async #drive(wake: Wake): Promise<void> {
    const { driver } = await this.#load();
    return this.#maintain(wake, driver.drive(wake));
  }

  /** While a drive sends: registers for sync events and reconciles the Background Fetches. */
  async #maintain(wake: Wake, driving: Promise<unknown>): Promise<void> {
    const { driver, backgroundFetches, notifications } = await this.#load();
    try {
      await this.#registerIfDue(wake);
      const { unclaimed, hasReturned } = await backgroundFetches.reconcile();
      const aborting = backgroundFetches.abortAll(unclaimed);
      // The scan of the first drive may have missed the returned uploads.
      const drivingAgain = hasReturned ? [driver.drive(wake), this.#registerIfDue(wake)] : [];
      await Promise.all([...drivingAgain, aborting]);
    } finally {
      // Requests in flight need this event, whether or not the rest failed.
      await driving;
    }
    await notifications.settled;
  }

  async #registerIfDue(wake: Wake): Promise<void> {
    const now = realClock.ticks();
    const { db } = await this.#load();
    if (!(await hasDueWork(db, realClock, wake))) return;
    if (!this.#scope.navigator.onLine) await this.#syncRegistrations.registerForReconnect();
    await this.#syncRegistrations.register(now);
  }

  #showApp(uploadId: string | null): Promise<void> {
    return showApp(this.#scope.clients, this.#scope.registration.scope, uploadId);
  }

  #createWake(kind: WakeKind): Wake {
    return createWake(kind, realClock.ticks(), this.#support);
  }
}
