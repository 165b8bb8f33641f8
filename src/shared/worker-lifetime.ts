/** What an engine can do for an app whose pages are closed; told apart by what is there, never by a browser's name. */
export interface BrowserSupport {
  readonly backgroundSync: boolean;
  readonly backgroundFetch: boolean;
}

/** What a registration shows of its engine. */
export function getBrowserSupport(registration: object): BrowserSupport {
  return { backgroundSync: 'sync' in registration, backgroundFetch: 'backgroundFetch' in registration };
}

/** What woke the worker. */
export type WakeKind = 'message' | 'sync' | 'background-fetch' | 'click';

/**
 * How long Chromium holds an event with `waitUntil`, in ms: a sync event 3 min (`max_sync_event_duration`), any other 5 min.
 * It is the engine that has Background Sync.
 */
const CHROMIUM_EVENT_MS = { sync: 180_000, other: 300_000 };
/** Firefox holds every event for 60 s; nothing more is taken for granted anywhere else. */
const OTHER_EVENT_MS = 60_000;
/** Kept back of every budget, to end in order before the event is cut. */
const RESERVE_MS = 10_000;
/** How long WebKit lets a worker live whose last page was closed, in ms: the least of the engines without Background Sync. */
const LIFETIME_WITHOUT_SYNC_MS = 10_000;

/** How many alarms are kept registered; each is three events of the browser's own, some minutes apart. */
export const MAX_SYNC_REGISTRATIONS = 3;
/** How far apart they are registered, in ms: a third of a sync event, so that they end one after another. */
export const SYNC_STAGGER_MS = 55_000;
/** How far apart those are given up that add nothing to the time there is, in ms: their next events overlap a little. */
export const SYNC_SPACING_MS = 135_000;
/** When Chromium fires an alarm again after its first and its second rejection, in ms. */
const SYNC_RETRY_MS = [300_000, 900_000];

/** How much of an event can be worked in, counted from its start, in ms. */
export function getEventBudgetMs(kind: WakeKind, { backgroundSync }: BrowserSupport): number {
  return (backgroundSync ? CHROMIUM_EVENT_MS[kind === 'sync' ? kind : 'other'] : OTHER_EVENT_MS) - RESERVE_MS;
}

/** One stretch of time in which the worker runs, in ms after the last page was closed. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * When the worker runs after the last page is closed and the browser goes on.
 *
 * The closing page's own message comes first. Each alarm then has two more events: they come one after another because the
 * alarms are given up `ALARM_SPACING_MS` apart.
 *
 * @param alarms how many are registered.
 */
export function getRunSpansAfterClose(abilities: BrowserSupport, alarms: number): TimeSpan[] {
  if (!abilities.backgroundSync) return [{ from: 0, to: LIFETIME_WITHOUT_SYNC_MS }];
  const stretches = [{ from: 0, to: getEventBudgetMs('message', abilities) }];
  if (alarms === 0) return stretches;
  const eventMs = getEventBudgetMs('sync', abilities);
  const moreMs = (Math.min(alarms, MAX_SYNC_REGISTRATIONS) - 1) * SYNC_SPACING_MS;
  let from = 0;
  for (const retryMs of SYNC_RETRY_MS) {
    from += retryMs;
    stretches.push({ from, to: from + eventMs + moreMs });
    from += eventMs;
  }
  return stretches;
}
