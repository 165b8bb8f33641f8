import { UploadsDb } from '../src/shared/db/uploads-db.ts';
import { isOnCellular } from '../src/shared/network-information.ts';
import { BackgroundFetches } from './background/background-fetches.ts';
import { Notifications } from './background/notifications.ts';
import { realClock } from './ports/clock.ts';
import { createRunExclusive, getSlowDownlink } from './ports/platform.ts';
import type { FailedChunks, Tabs } from './ports/ports.ts';
import { Driver } from './schedule/driver.ts';
import { HttpTransport } from './server/http-transport.ts';

/** The members of the worker's global scope that the engine uses. Only `sw.ts` refers to `self`. */
export interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: Clients;
  readonly navigator: WorkerNavigator;
  skipWaiting(): Promise<void>;
}

/** The objects of the engine that need an open database. */
export interface EngineDependencies {
  readonly db: UploadsDb;
  readonly driver: Driver;
  readonly backgroundFetches: BackgroundFetches;
  readonly notifications: Notifications;
}

/**
 * Opens the database and chooses the implementation behind every interface of `ports/`.
 *
 * @throws UploadError `newer_version` if a newer version of the app has upgraded the database.
 */
export async function openDependencies(
  scope: WorkerScope,
  tabs: Tabs,
  failedChunks: FailedChunks,
): Promise<EngineDependencies> {
  const { navigator, registration } = scope;
  const db = await UploadsDb.open();
  await recordSchemaVersion(db);
  const platform = { db, clock: realClock, exclusive: createRunExclusive(navigator.locks) };
  const isAllowed = () => globalThis.Notification?.permission === 'granted';
  const notifications = new Notifications({ ...platform, tabs, registration, navigator, isAllowed });
  const online = () => navigator.onLine;
  const shared = { ...platform, tabs: withNotifications(tabs, notifications), online };
  const driver = new Driver({
    ...shared,
    failedChunks,
    isOnCellular,
    downlink: () => getSlowDownlink(navigator),
    createTransport: (endpoint, profile) => new HttpTransport(endpoint.uploads, profile),
  });
  return { db, driver, backgroundFetches: new BackgroundFetches({ ...shared, registration }), notifications };
}

/** Tells later pages that this worker can open the database. */
async function recordSchemaVersion({ schemaVersion, settings }: UploadsDb): Promise<void> {
  if ((await settings.get('workerSchemaVersion')) === schemaVersion) return;
  // A full disk must not stop the worker.
  await settings.set('workerSchemaVersion', schemaVersion).catch(() => undefined);
}

/** Updates the notification after each `changed` notice, because the user may have no tab open. */
function withNotifications(tabs: Tabs, notifications: Notifications): Tabs {
  return {
    ...tabs,
    async post(notice) {
      await tabs.post(notice);
      if (notice.type === 'changed') notifications.onUploadChanged(notice.id);
    },
  };
}
