// Types that lib.webworker lacks.

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
  readonly lastChance: boolean;
}

interface BackgroundFetchEvent extends ExtendableEvent {
  readonly registration: import('../../src/shared/background-fetch.ts').BackgroundFetchRegistration;
}

interface ServiceWorkerGlobalScopeEventMap {
  sync: SyncEvent;
  backgroundfetchsuccess: BackgroundFetchEvent;
  backgroundfetchfail: BackgroundFetchEvent;
  backgroundfetchabort: BackgroundFetchEvent;
  backgroundfetchclick: BackgroundFetchEvent;
}

interface WindowClient {
  readonly visibilityState: 'hidden' | 'visible';
}

interface ServiceWorkerGlobalScope {
  /** Inserted by the build: the files of the app shell with their revisions. */
  readonly __WB_MANIFEST: { url: string; revision: string | null }[];
}
