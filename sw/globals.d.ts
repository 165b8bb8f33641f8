// What lib.webworker does not know.

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
  readonly lastChance: boolean;
}

interface ServiceWorkerGlobalScopeEventMap {
  sync: SyncEvent;
}

interface ServiceWorkerGlobalScope {
  /** Filled in by the build: the files of the app shell with their revisions. */
  readonly __WB_MANIFEST: { url: string; revision: string | null }[];
}
