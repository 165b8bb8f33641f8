/**
 * The support of a browser for an app without open pages, detected by features and never by the
 * browser's name.
 */
export interface BrowserSupport {
  readonly backgroundSync: boolean;
  readonly backgroundFetch: boolean;
}

/** Detects the support of a browser from a service worker registration. */
export function getBrowserSupport(registration: object): BrowserSupport {
  return { backgroundSync: 'sync' in registration, backgroundFetch: 'backgroundFetch' in registration };
}

/** The Web Lock that the worker holds during a run: one worker sends at a time. */
export const DRIVER_LOCK = 'upload-driver';

/** The kind of event that woke the worker. */
export type WakeKind = 'message' | 'sync' | 'background-fetch' | 'click';

/**
 * How long Chromium keeps an event alive by `waitUntil`, in ms: a sync event 3 min
 * (`max_sync_event_duration`), others 5 min. Chromium is the engine with Background Sync.
 */
const CHROMIUM_EVENT_MS = { sync: 180_000, other: 300_000 };
/** Firefox keeps every event alive for 60 s. Other engines are assumed to do no more. */
const OTHER_EVENT_MS = 60_000;
/** Left of every event, to finish cleanly before the browser ends it. */
const RESERVE_MS = 10_000;
/**
 * How long WebKit lets a worker run after its last page was closed: the shortest time of engines
 * without Background Sync.
 */
const LIFETIME_WITHOUT_SYNC_MS = 10_000;

/**
 * How many sync registrations the worker keeps. Each causes up to three sync events, some minutes
 * apart.
 */
export const MAX_SYNC_REGISTRATIONS = 3;
/**
 * The time between two registrations: a third of a sync event, so that their events end one after
 * another.
 */
export const SYNC_STAGGER_MS = 55_000;
/**
 * The time between the rejections of sync events that would not extend the worker's lifetime, so
 * that their next events overlap only a little.
 */
export const SYNC_SPACING_MS = 135_000;
/**
 * How long Chromium waits after the first and the second rejection of a sync event before it fires
 * the next one.
 */
const SYNC_RETRY_MS = [300_000, 900_000];

/** The usable part of an event, in ms from its start. */
export function getEventBudgetMs(kind: WakeKind, { backgroundSync }: BrowserSupport): number {
  return (backgroundSync ? CHROMIUM_EVENT_MS[kind === 'sync' ? kind : 'other'] : OTHER_EVENT_MS) - RESERVE_MS;
}

/** A span of time, in ms after the last page was closed. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The spans in which the worker runs after the last page was closed, while the browser stays open.
 *
 * The message of the closing page comes first. Each sync registration then has two more events,
 * which follow one another because their rejections are `SYNC_SPACING_MS` apart.
 */
export function getRunSpansAfterClose(support: BrowserSupport, syncRegistrations: number): TimeSpan[] {
  if (!support.backgroundSync) return [{ from: 0, to: LIFETIME_WITHOUT_SYNC_MS }];
  const spans = [{ from: 0, to: getEventBudgetMs('message', support) }];
  if (syncRegistrations === 0) return spans;
  const eventMs = getEventBudgetMs('sync', support);
  const moreMs = (Math.min(syncRegistrations, MAX_SYNC_REGISTRATIONS) - 1) * SYNC_SPACING_MS;
  let from = 0;
  for (const retryMs of SYNC_RETRY_MS) {
    from += retryMs;
    spans.push({ from, to: from + eventMs + moreMs });
    from += eventMs;
  }
  return spans;
}
