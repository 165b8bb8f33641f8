import { type BrowserSupport, getBrowserSupport, SYNC_SPACING_MS } from '../src/shared/budgets.ts';
import type { BackgroundFetchRegistration } from '../src/shared/carrier.ts';
import { type Notice, parseCommand } from '../src/shared/messages.ts';
import { isOnCellular } from '../src/shared/mobile-data.ts';
import { createDeepLink } from '../src/shared/pointed.ts';
import { retryTransition } from '../src/shared/retry-step.ts';
import { WORKER_STATUSES } from '../src/shared/upload.ts';
import { UploadsDb } from '../src/shared/uploads-db.ts';
import { Alarms } from './alarms.ts';
import { Carriers } from './carriers.ts';
import { realClock } from './clock.ts';
import { Driver } from './driver.ts';
import { failedChunksQueue, noFailedChunks } from './failed-chunks.ts';
import { HttpTransport } from './http-transport.ts';
import { downlinkOf, locksOf, tabsOf } from './outside.ts';
import { isReady, isWork } from './queue.ts';
import { takeShare } from './share.ts';
import { Tidings } from './tidings.ts';
import { type Wake, wakeOf } from './wake.ts';
import type { FailedChunks, Tabs } from './world.ts';

/** The parts of the worker's scope that the engine uses; `self` itself stays in the entry. */
export interface Scope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: Clients;
  readonly navigator: WorkerNavigator;
  skipWaiting(): Promise<void>;
}

/** What needs the database. */
interface Parts {
  readonly db: UploadsDb;
  readonly driver: Driver;
  readonly carriers: Carriers;
  readonly tidings: Tidings;
}

/** Everything the worker does, a method for each event of the entry. */
export class Engine {
  readonly #scope: Scope;
  readonly #abilities: BrowserSupport;
  readonly #alarms: Alarms;
  readonly #tabs: Tabs;
  readonly #failedChunks: FailedChunks;
  #opened: Promise<Parts> | null = null;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#abilities = getBrowserSupport(scope.registration);
    this.#alarms = new Alarms(scope.registration);
    this.#tabs = tabsOf(scope.clients);
    // Built at once and in this turn: Workbox must listen for `sync` before the worker's first event.
    this.#failedChunks = this.#abilities.backgroundSync ? failedChunksQueue(() => this.sync()) : noFailedChunks;
  }

  // With the first event that needs it: a version that only waits must not take the database from the one that sends.
  get #ready(): Promise<Parts> {
    const forget = () => {
      this.#opened = null;
    };
    this.#opened ??= UploadsDb.open().then(
      (db) => {
        void db.terminated.then(forget);
        return this.#partsWith(db);
      },
      (error: unknown) => {
        forget();
        throw error;
      },
    );
    return this.#opened;
  }

  #partsWith(db: UploadsDb): Parts {
    const { navigator, registration } = this.#scope;
    const exclusive = locksOf(navigator.locks);
    const outside = { db, clock: realClock, exclusive };
    const isAllowed = () => globalThis.Notification?.permission === 'granted';
    const tidings = new Tidings({ ...outside, tabs: this.#tabs, registration, navigator, isAllowed });
    const around = { ...outside, tabs: telling(this.#tabs, tidings), online: () => navigator.onLine };
    const driver = new Driver({
      ...around,
      failedChunks: this.#failedChunks,
      onMobileData: isOnCellular,
      downlink: () => downlinkOf(navigator),
      connect: (endpoint, speak) => new HttpTransport(endpoint.uploads, speak),
    });
    return { db, driver, carriers: new Carriers({ ...around, registration }), tidings };
  }

  /** A page said something; the event must be held for as long as this takes. */
  async message(data: unknown): Promise<void> {
    const now = realClock.ticks();
    const wake = wakeOf('message', now, this.#abilities);
    const command = parseCommand(data);
    if (command === null) return;
    if (command.type === 'SKIP_WAITING') return this.#scope.skipWaiting();
    const { driver, carriers, tidings } = await this.#ready;
    if (command.type === 'release') {
      await driver.letGo(await carriers.uploadsOf(command.fetchId));
      return this.#tabs.post({ type: 'released', fetchId: command.fetchId });
    }
    if (command.type === 'changed') {
      driver.hint(command.id);
      // With thousands queued at once, each of them must not cost a look at all.
      if (driver.isLive && !(await carriers.isAtWork())) {
        await Promise.all([driver.join(wake), this.#tabs.post(command)]);
        return tidings.settled;
      }
    }
    if (command.type === 'open-sessions') driver.begin(command.ids);
    if (command.type === 'wake') tidings.hush();
    // Not behind the look at what the browser carries, which takes as long as the first byte should; then once more, for that.
    const driving = driver.drive(wake);
    try {
      if (command.type === 'changed') await this.#tabs.post(command);
      const ending = carriers.end(await carriers.reconcile());
      const again = driver.drive(wake);
      if (await this.#hasWork(wake)) {
        if (!this.#scope.navigator.onLine) await this.#alarms.setForLink();
        await this.#alarms.set(now);
      }
      await Promise.all([again, ending]);
    } finally {
      // Whatever became of the rest: what is being sent needs this event.
      await driving;
    }
    await tidings.settled;
  }

  /** Another app shared files: they are staged without a page, and the answer leads to the queue. */
  async share(event: FetchEvent): Promise<Response> {
    const taking = this.#ready.then(({ db, driver }) =>
      takeShare(db, event.request, (id) => {
        driver.hint(id);
        void this.#tabs.post({ type: 'changed', id });
      }),
    );
    const place = await taking.catch(() => '/?share=failed');
    // Chromium 156 drops the answer where anything else of its event rejects first.
    event.waitUntil(this.message({ type: 'wake' }).catch(() => undefined));
    return Response.redirect(place, 303);
  }

  isAlarm(tag: string): boolean {
    return this.#alarms.isOurs(tag);
  }

  /**
   * A sync event fired.
   *
   * @param tag the alarm's own; undefined for that of the failed chunks.
   * @throws Error while work is left and this wake registered no next alarm: rejecting is what asks for another event.
   */
  async sync(tag?: string): Promise<void> {
    const now = realClock.ticks();
    const wake = wakeOf('sync', now, this.#abilities);
    const { driver, carriers, tidings } = await this.#ready;
    tidings.count();
    const unclaimed = await carriers.reconcile();
    // Registered only for work that is due: an alarm fires at once while online, and one for nothing would fire for ever.
    const isNextSet = (await this.#hasWork(wake)) && (await this.#alarms.set(now, tag));
    const isOfUse = isNextSet || driver.heldUntil < wake.deadline - SYNC_SPACING_MS / 2;
    const giveUpAt = isOfUse ? wake.deadline : Math.min(wake.deadline, this.#alarms.giveUpAt(now));
    const [outcome] = await Promise.all([driver.drive({ ...wake, deadline: giveUpAt }), carriers.end(unclaimed)]);
    await tidings.settled;
    if (outcome === 'work-left' && !isNextSet) throw new Error('Work is left for the next alarm.');
  }

  /** A new version took over; it drives when the pages wake it, because every navigation waits until this has ended. */
  activate(): Promise<void> {
    return this.#scope.clients.claim();
  }

  /** A Background Fetch ended, well or not: what it brought is booked, and the driver goes on with the rest. */
  async carried(fetch: BackgroundFetchRegistration): Promise<void> {
    const wake = wakeOf('background-fetch', realClock.ticks(), this.#abilities);
    const { driver, carriers, tidings } = await this.#ready;
    await carriers.ended(fetch);
    await driver.drive(wake);
    await tidings.settled;
  }

  /** The user clicked on a notification, or on one of its buttons. */
  async answered(notification: Notification, action: string): Promise<void> {
    const wake = wakeOf('click', realClock.ticks(), this.#abilities);
    notification.close();
    const { db, driver, tidings } = await this.#ready;
    const ids = await tidings.putAway();
    // The last one is the news.
    if (action !== 'retry') return this.#show(ids.at(-1) ?? null);
    for (const id of ids) {
      await db.update(id, (before) => (before.status === 'failed' ? retryTransition(before) : null));
      driver.hint(id);
    }
    await driver.drive(wake);
    await tidings.settled;
  }

  /** The user closed a notification. */
  async dismissed(): Promise<void> {
    await (await this.#ready).tidings.putAway();
  }

  /** The user clicked on what the browser itself shows of a Background Fetch. */
  async looked(fetch: BackgroundFetchRegistration): Promise<void> {
    const { carriers } = await this.#ready;
    await this.#show(await carriers.uploadOf(fetch));
  }

  /** Brings an open tab to the front, or opens one, at this upload where there is one. */
  async #show(id: string | null): Promise<void> {
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

  async #hasWork({ deadline }: Wake): Promise<boolean> {
    const { db } = await this.#ready;
    // Mobile data is online to an alarm: it would fire at once, and again, for what is to wait for another network.
    if (isOnCellular() && (await db.settings.get('pauseOnCellular'))) return false;
    const until = realClock.now() + deadline - realClock.ticks();
    const token = await db.settings.getCredentials();
    if (!token) return false;
    return db.someByStatus(token.userId, WORKER_STATUSES, (upload) => isWork(upload) && isReady(upload, until));
  }
}

/** Tabs, with somebody who hears it too when a record has changed. */
function telling(tabs: Tabs, tidings: Tidings): Tabs {
  return {
    ...tabs,
    async post(notice) {
      await tabs.post(notice);
      if (notice.type === 'changed') tidings.changed(notice.id);
    },
  };
}
