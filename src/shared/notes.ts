import { ENGLISH, type TidingsWords } from './tidings.ts';

/** Whether what outlasts the worker is handed over to the browser: on request, by itself, or never. */
export const CARRIER_MODES = ['ask', 'always', 'never'] as const;
export type CarrierMode = (typeof CARRIER_MODES)[number];

/** How far a Background Fetch had come when it was looked at last, and for how long it was seen to come no further. */
export interface Stride {
  readonly sentBytes: number;
  /** In ms since 1970. */
  readonly lookedAt: number;
  readonly stoodMs: number;
}

/** What is noted beside the uploads, by its key. */
export interface Notes {
  readonly carrier: CarrierMode;
  /** Whether the user wants nothing sent over mobile data. */
  readonly 'not on mobile data': boolean;
  /** Of each Background Fetch, by its id, when it was looked at last. */
  readonly strides: Readonly<Record<string, Stride>>;
  readonly tidings: TidingsWords;
  /** The ids of the uploads that the notification on display tells of. */
  readonly told: readonly string[];
  /** When it was looked last for uploads that were kept long enough, in ms since 1970. */
  readonly 'removed due': number;
}

/** What holds until something is noted. */
export const UNNOTED: Notes = {
  carrier: 'ask',
  'not on mobile data': false,
  strides: {},
  tidings: ENGLISH,
  told: [],
  'removed due': 0,
};
