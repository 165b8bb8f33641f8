import { ENGLISH_NOTIFICATION_TEXTS, type NotificationTexts } from '../notification-texts.ts';

/** Whether what outlasts the worker is handed over to the browser: on request, by itself, or never. */
export const BACKGROUND_FETCH_MODES = ['ask', 'always', 'never'] as const;
export type BackgroundFetchMode = (typeof BACKGROUND_FETCH_MODES)[number];

/** How far a Background Fetch had come when it was looked at last, and for how long it was seen to come no further. */
export interface FetchStall {
  readonly sentBytes: number;
  /** In ms since 1970. */
  readonly checkedAt: number;
  readonly stalledMs: number;
}

/** What is noted beside the uploads, by its key. */
export interface Preferences {
  readonly backgroundFetchMode: BackgroundFetchMode;
  /** Whether the user wants nothing sent over mobile data. */
  readonly pauseOnCellular: boolean;
  /** Of each Background Fetch, by its id, when it was looked at last. */
  readonly fetchStalls: Readonly<Record<string, FetchStall>>;
  readonly notificationTexts: NotificationTexts;
  /** The ids of the uploads that the notification on display tells of. */
  readonly notifiedIds: readonly string[];
  /** When it was looked last for uploads that were kept long enough, in ms since 1970. */
  readonly overdueRemovedAt: number;
}

/** What holds until something is noted. */
export const DEFAULTS: Preferences = {
  backgroundFetchMode: 'ask',
  pauseOnCellular: false,
  fetchStalls: {},
  notificationTexts: ENGLISH_NOTIFICATION_TEXTS,
  notifiedIds: [],
  overdueRemovedAt: 0,
};
