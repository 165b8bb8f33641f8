/** One reason to drive, with the time its event gives: data, because every engine and event gives another. */
export interface Wake {
  readonly kind: 'message' | 'sync' | 'activate';
  /** When the event is expected to be cut, in ms since 1970. */
  readonly deadline: number;
}

/** How a wake ended: nothing left that the driver could do by itself, or something. */
export type Outcome = 'drained' | 'work-left';

/** How long Chromium holds an event with `waitUntil`; 30 s are kept back to end in order. */
const CHROMIUM_MS = { sync: 180_000 - 30_000, message: 300_000 - 30_000, activate: 300_000 - 30_000 };
/** Firefox gives every event 60 s; so does any engine that has not shown more. */
const ELSEWHERE_MS = 60_000 - 10_000;

/**
 * The wake of an event that begins now.
 *
 * @param long whether the engine has Background Sync: the one that has it is the one that holds events for minutes.
 */
export function wakeOf(kind: Wake['kind'], now: number, long: boolean): Wake {
  return { kind, deadline: now + (long ? CHROMIUM_MS[kind] : ELSEWHERE_MS) };
}
