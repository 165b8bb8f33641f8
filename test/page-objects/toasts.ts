import type { Page } from 'playwright-core';
import { until } from '../fixtures/test-server.ts';

/** How long the page shows what it says in passing. */
const TOAST_MS = 8000;

/**
 * Has what a tab says in passing stay until the test ends its time: on a busy machine the seconds to undo something are over
 * before a test gets there.
 *
 * @returns what ends the time that runs then, as soon as one does.
 */
export async function holdToastTimers(tab: Page): Promise<() => Promise<void>> {
  await tab.addInitScript(installTimerHold, TOAST_MS);
  await tab.evaluate(installTimerHold, TOAST_MS);
  return () => until(() => tab.evaluate(fireHeldTimers), 'something said in passing whose time runs');
}

interface TimerHold {
  held: Map<number, () => void>;
}

/** Has timers of this length never fire by themselves. Runs in the page. */
function installTimerHold(heldMs: number): void {
  const held = new Map<number, () => void>();
  const { setTimeout: start, clearTimeout: stop } = window;
  Object.assign(window, {
    held,
    setTimeout(run: () => void, ms?: number, ...args: unknown[]): number {
      if (ms !== heldMs) return start(run, ms, ...args);
      // The longest there is: only its number is of use.
      const id = start(() => undefined, 2 ** 31 - 1);
      held.set(id, run);
      return id;
    },
    clearTimeout(id?: number): void {
      held.delete(id ?? 0);
      stop(id);
    },
  });
}

/** Fires what is held; false when nothing is. Runs in the page. */
function fireHeldTimers(): boolean {
  const { held } = window as unknown as TimerHold;
  const all = [...held.values()];
  held.clear();
  for (const run of all) run();
  return all.length > 0;
}
