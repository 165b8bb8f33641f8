import type { BackgroundFetchRegistration } from '../src/shared/background-fetch.ts';
import { UploadsDb } from '../src/shared/db/uploads-db.ts';
import { createDeepLink } from '../src/shared/deep-link.ts';
import { type Notice, parseCommand } from '../src/shared/messages.ts';
import { isOnCellular } from '../src/shared/network-information.ts';
import { retryTransition } from '../src/shared/retry-transition.ts';
import { WORKER_STATUSES } from '../src/shared/upload.ts';
import { type BrowserSupport, getBrowserSupport, SYNC_SPACING_MS } from '../src/shared/worker-lifetime.ts';
import { BackgroundFetches } from './background/background-fetches.ts';
import { createFailedChunksQueue, noFailedChunks } from './background/failed-chunks.ts';
import { Notifications } from './background/notifications.ts';
import { stageSharedFiles } from './background/share.ts';
import { SyncRegistrations } from './background/sync-registrations.ts';
import { realClock } from './ports/clock.ts';
import { createRunExclusive, createTabs, getSlowDownlink } from './ports/platform.ts';
import type { FailedChunks, Tabs } from './ports/ports.ts';
import { Driver } from './schedule/driver.ts';
import { canSendNow, isBackgroundWork } from './schedule/readiness.ts';
import { createWake, type Wake } from './schedule/wake.ts';
import { HttpTransport } from './server/http-transport.ts';

/** The parts of the worker's scope that the engine uses; `self` itself stays in the entry. */
export interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: Clients;
  readonly navigator: WorkerNavigator;
  skipWaiting(): Promise<void>;
}

/** What needs the database. */
interface EngineDependencies {
  readonly db: UploadsDb;
  readonly driver: Driver;
  readonly backgroundFetches: BackgroundFetches;
  readonly notifications: Notifications;
}

/** Everything the worker does, a method for each event of the entry. */
export class Engine {
  readonly #scope: WorkerScope;
  readonly #abilities: BrowserSupport;
  readonly #syncRegistrations: SyncRegistrations;
  readonly #tabs: Tabs;
  readonly #failedChunks: FailedChunks;
  #opened: Promise<EngineDependencies> | null = null;

  constructor(scope: WorkerScope) {
    this.#scope = scope;
    this.#abilities = getBrowserSupport(scope.registration);
    this.#syncRegistrations = new SyncRegistrations(scope.registration);
    this.#tabs = createTabs(scope.clients);
    // Built at once and in this turn: Workbox must listen for `sync` before the worker's first event.
    this.#failedChunks = this.#abilities.backgroundSync ? createFailedChunksQueue(() => this.onSync()) : noFailedChunks;
  }

  // With the first event that needs it: a version that only waits must not take the database from the one that sends.
  get #ready(): Promise<EngineDependencies> {
    const forget = () => {
      this.#opened = null;
    };
    this.#opened ??= UploadsDb.open().then(
      (db) => {
        void db.terminated.then(forget);
        return this.#compose(db);
      },
      (error: unknown) => {
        forget();
        throw error;
      },
    );
    return this.#opened;
  }

  #compose(db: UploadsDb): EngineDependencies {
    const { navigator, registration } = this.#scope;
    const exclusive = createRunExclusive(navigator.locks);
    const outside = { db, clock: realClock, exclusive };
    const isAllowed = () => globalThis.Notification?.permission === 'granted';
    const tidings = new Notifications({ ...outside, tabs: this.#tabs, registration, navigator, isAllowed });
    const around = { ...outside, tabs: withNotifications(this.#tabs, tidings), online: () => navigator.onLine };
    const driver = new Driver({
      ...around,
      failedChunks: this.#failedChunks,
      onMobileData: isOnCellular,
      downlink: () => getSlowDownlink(navigator),
      createTransport: (endpoint, profile) => new HttpTransport(endpoint.uploads, profile),
    });
    return {
      db,
      driver,
      backgroundFetches: new BackgroundFetches({ ...around, registration }),
      notifications: tidings,
    };
  }

  /** A page said something; the event must be held for as long as this takes. */
  async onMessage(data: unknown): Promise<void> {
    const now = realClock.ticks();
    const wake = createWake('message', now, this.#abilities);
    const command = parseCommand(data);
    if (command === null) return;
    if (command.type === 'SKIP_WAITING') return this.#scope.skipWaiting();
    const { driver, backgroundFetches: carriers, notifications: tidings } = await this.#ready;
    if (command.type === 'release') {
      await driver.release(await carriers.getUploadIds(command.fetchId));
      return this.#tabs.post({ type: 'released', fetchId: command.fetchId });
    }
    if (command.type === 'changed') {
      driver.hint(command.id);
      // With thousands queued at once, each of them must not cost a look at all.
      if (driver.acceptsHints && !(await carriers.hasActive())) {
        await Promise.all([driver.join(wake), this.#tabs.post(command)]);
        return tidings.settled;
      }
    }
    if (command.type === 'open-sessions') driver.openSessions(command.ids);
    if (command.type === 'wake') tidings.dismissAll();
    // Not behind the look at what the browser carries, which takes as long as the first byte should; then once more, for that.
    const driving = driver.drive(wake);
    try {
      if (command.type === 'changed') await this.#tabs.post(command);
      const ending = carriers.abortAll(await carriers.reconcile());
      const again = driver.drive(wake);
      if (await this.#hasDueWork(wake)) {
        if (!this.#scope.navigator.onLine) await this.#syncRegistrations.registerForReconnect();
        await this.#syncRegistrations.register(now);
      }
      await Promise.all([again, ending]);
    } finally {
      // Whatever became of the rest: what is being sent needs this event.
      await driving;
    }
    await tidings.settled;
  }

  /** Another app shared files: they are staged without a page, and the answer leads to the queue. */
  async onShare(event: FetchEvent): Promise<Response> {
    const taking = this.#ready.then(({ db, driver }) =>
      stageSharedFiles(db, event.request, (id) => {
        driver.hint(id);
        void this.#tabs.post({ type: 'changed', id });
      }),
    );
    const place = await taking.catch(() => '/?share=failed');
    // Chromium 156 drops the answer where anything else of its event rejects first.
    event.waitUntil(this.onMessage({ type: 'wake' }).catch(() => undefined));
    return Response.redirect(place, 303);
  }

  ownsSync(tag: string): boolean {
    return this.#syncRegistrations.owns(tag);
  }

  /**
   * A sync event fired.
   *
   * @param tag the alarm's own; undefined for that of the failed chunks.
   * @throws Error while work is left and this wake registered no next alarm: rejecting is what asks for another event.
   */
  async onSync(tag?: string): Promise<void> {
    const now = realClock.ticks();
    const wake = createWake('sync', now, this.#abilities);
    const { driver, backgroundFetches: carriers, notifications: tidings } = await this.#ready;
    tidings.updateBadge();
    const unclaimed = await carriers.reconcile();
    // Registered only for work that is due: an alarm fires at once while online, and one for nothing would fire for ever.
    const isNextSet = (await this.#hasDueWork(wake)) && (await this.#syncRegistrations.register(now, tag));
    const isOfUse = isNextSet || driver.heldUntil < wake.deadline - SYNC_SPACING_MS / 2;
    const giveUpAt = isOfUse ? wake.deadline : Math.min(wake.deadline, this.#syncRegistrations.nextRejectAt(now));
    const [outcome] = await Promise.all([driver.drive({ ...wake, deadline: giveUpAt }), carriers.abortAll(unclaimed)]);
    await tidings.settled;
    if (outcome === 'work-left' && !isNextSet) throw new Error('Work is left for the next alarm.');
  }

  /** A new version took over; it drives when the pages wake it, because every navigation waits until this has ended. */
  onActivate(): Promise<void> {
    return this.#scope.clients.claim();
  }

  /** A Background Fetch ended, well or not: what it brought is booked, and the driver goes on with the rest. */
  async onBackgroundFetchDone(fetch: BackgroundFetchRegistration): Promise<void> {
    const wake = createWake('background-fetch', realClock.ticks(), this.#abilities);
    const { driver, backgroundFetches: carriers, notifications: tidings } = await this.#ready;
    await carriers.recordResults(fetch);
    await driver.drive(wake);
    await tidings.settled;
  }

  /** The user clicked on a notification, or on one of its buttons. */
  async onNotificationClick(notification: Notification, action: string): Promise<void> {
    const wake = createWake('click', realClock.ticks(), this.#abilities);
    notification.close();
    const { db, driver, notifications: tidings } = await this.#ready;
    const ids = await tidings.acknowledge();
    // The last one is the news.
    if (action !== 'retry') return this.#showApp(ids.at(-1) ?? null);
    for (const id of ids) {
      await db.update(id, (before) => (before.status === 'failed' ? retryTransition(before) : null));
      driver.hint(id);
    }
    await driver.drive(wake);
    await tidings.settled;
  }

  /** The user closed a notification. */
  async onNotificationClose(): Promise<void> {
    await (await this.#ready).notifications.acknowledge();
  }

  /** The user clicked on what the browser itself shows of a Background Fetch. */
  async onBackgroundFetchClick(fetch: BackgroundFetchRegistration): Promise<void> {
    const { backgroundFetches: carriers } = await this.#ready;
    await this.#showApp(await carriers.findUploadId(fetch));
  }

  /** Brings an open tab to the front, or opens one, at this upload where there is one. */
  async #showApp(id: string | null): Promise<void> {
    const { clients, registration } = this.#scope;
    const [tab] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (!tab) {
      await clients.openWindow(id === null ? registration.scope : createDeepLink(registration.scope, id));
      return;
    }
    // Before the focus: that may be refused.
    if (id !== null) tab.postMessage({ type: 'show', id } satisfies Notice);
    await tab.focus();
  }

  async #hasDueWork({ deadline }: Wake): Promise<boolean> {
    const { db } = await this.#ready;
    // Mobile data is online to an alarm: it would fire at once, and again, for what is to wait for another network.
    if (isOnCellular() && (await db.settings.get('pauseOnCellular'))) return false;
    const until = realClock.now() + deadline - realClock.ticks();
    const token = await db.settings.getCredentials();
    if (!token) return false;
    return db.someByStatus(
      token.userId,
      WORKER_STATUSES,
      (upload) => isBackgroundWork(upload) && canSendNow(upload, until),
    );
  }
}

/** Tabs, with somebody who hears it too when a record has changed. */
function withNotifications(tabs: Tabs, tidings: Notifications): Tabs {
  return {
    ...tabs,
    async post(notice) {
      await tabs.post(notice);
      if (notice.type === 'changed') tidings.onUploadChanged(notice.id);
    },
  };
}
