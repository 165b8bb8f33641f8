import { ENGLISH_NOTIFICATION_TEXTS, type NotificationTexts } from '../notification-texts.ts';

/**
 * When uploads that outlast the worker start a Background Fetch: on request, automatically, or
 * never.
 */
export const BACKGROUND_FETCH_MODES = ['ask', 'always', 'never'] as const;
export type BackgroundFetchMode = (typeof BACKGROUND_FETCH_MODES)[number];

/** The progress of a Background Fetch at its last check. */
export interface FetchStall {
  readonly sentBytes: number;
  /** In ms since 1970. */
  readonly checkedAt: number;
  /** How long checks have seen no further byte, in ms. */
  readonly stalledMs: number;
}

/** The user's choices, each value under its own key of the settings store. */
export interface Preferences {
  readonly backgroundFetchMode: BackgroundFetchMode;
  /** Whether no request starts over cellular networks. */
  readonly pauseOnCellular: boolean;
  /** The words of notifications, in the language of the last page that set them. */
  readonly notificationTexts: NotificationTexts;
}

/** The worker's state between its runs, each value under its own key of the settings store. */
export interface WorkerState {
  /** By the id of each Background Fetch. */
  readonly fetchStalls: Readonly<Record<string, FetchStall>>;
  /** The ids of the uploads that the notification on display is about. */
  readonly notifiedIds: readonly string[];
  /** When the worker last removed overdue uploads, in ms since 1970. */
  readonly overdueRemovedAt: number;
  /** The schema version of the last worker that opened the database; 0 up to version 3. */
  readonly workerSchemaVersion: number;
}

/** Values of keys that are not stored yet. */
export const DEFAULTS: Preferences & WorkerState = {
  backgroundFetchMode: 'ask',
  pauseOnCellular: false,
  fetchStalls: {},
  notificationTexts: ENGLISH_NOTIFICATION_TEXTS,
  notifiedIds: [],
  overdueRemovedAt: 0,
  workerSchemaVersion: 0,
};
