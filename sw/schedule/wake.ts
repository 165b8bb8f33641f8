import { type BrowserSupport, getEventBudgetMs, type WakeKind } from '../../src/shared/worker-lifetime.ts';

/** A reason to drive, with the time that its event allows. */
export interface Wake {
  readonly kind: WakeKind;
  /** When the work has to end, in ticks of the worker's clock. */
  readonly deadline: number;
}

/** The result of a drive: whether the driver could still do something without an open tab. */
export type DriveResult = 'drained' | 'work-left';

/** Creates the wake of an event that starts now, because budgets count from the event's start. */
export function createWake(kind: WakeKind, now: number, support: BrowserSupport): Wake {
  return { kind, deadline: now + getEventBudgetMs(kind, support) };
}
