import { type BrowserSupport, getEventBudgetMs, type WakeKind } from '../../src/shared/worker-lifetime.ts';

/** One reason to drive, with the time its event gives: data, because every engine and event gives another. */
export interface Wake {
  readonly kind: WakeKind;
  /** Until when the event can be worked in, in ticks of the worker's clock. */
  readonly deadline: number;
}

/** How a wake ended: nothing left that the driver could do by itself, or something. */
export type DriveResult = 'drained' | 'work-left';

/** The wake of an event that begins now. */
export function createWake(kind: WakeKind, now: number, abilities: BrowserSupport): Wake {
  return { kind, deadline: now + getEventBudgetMs(kind, abilities) };
}
