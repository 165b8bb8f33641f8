import type { BrowserContext } from 'playwright-core';

/** What Chromium 156 reports last of a registration whose event is pending or active. */
const ACTIVE_NAMES = ['Registered sync', 'Dispatched sync event', 'Sync event reregistered'];
/** Chromium fires such a registration again after 5 minutes. */
const REJECTED_NAME = 'sync event failed';

/** The state of the worker's sync registrations, as Chromium reports it to DevTools. */
export class SyncEvents {
  /** The latest report of each tag. */
  readonly #reports = new Map<string, string>();

  /** Observes a browser until it ends. Call it before the app is opened. */
  static async observe(context: BrowserContext): Promise<SyncEvents> {
    const events = new SyncEvents();
    const page = context.pages()[0] ?? (await context.newPage());
    const devtools = await context.newCDPSession(page);
    devtools.on('BackgroundService.backgroundServiceEventReceived', ({ backgroundServiceEvent }) => {
      const { eventName, instanceId } = backgroundServiceEvent;
      // Workbox registers for a chunk without attempts.
      if (instanceId.startsWith('upload-sync-')) events.#reports.set(instanceId, eventName);
    });
    await devtools.send('BackgroundService.startObserving', { service: 'backgroundSync' });
    await devtools.send('BackgroundService.setRecording', { service: 'backgroundSync', shouldRecord: true });
    return events;
  }

  /** Whether an event is pending or active: it fires at the next start of a killed browser. */
  get hasActive(): boolean {
    return [...this.#reports.values()].some((name) => ACTIVE_NAMES.includes(name));
  }

  get hasRejected(): boolean {
    return [...this.#reports.values()].includes(REJECTED_NAME);
  }
}
