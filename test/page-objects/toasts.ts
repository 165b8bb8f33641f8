import type { Page } from 'playwright-core';
import { until } from '../fixtures/test-server.ts';

/** How long the page shows a toast. */
const TOAST_MS = 8000;

/**
 * Keeps toasts until the test ends their time: on a busy machine the time for an undo would be over
 * before the test uses it.
 *
 * @returns waits for a running toast timer and fires it
 */
export async function holdToastTimers(tab: Page): Promise<() => Promise<void>> {
  await tab.addInitScript(installTimerHold, TOAST_MS);
  await tab.evaluate(installTimerHold, TOAST_MS);
  return () => until(() => tab.evaluate(fireHeldTimers), 'a toast timer');
}

interface TimerHold {
  held: Map<number, () => void>;
}

/** Stops timers of this length from firing. Runs in the page. */
function installTimerHold(heldMs: number): void {
  const held = new Map<number, () => void>();
  const { setTimeout: start, clearTimeout: stop } = window;
  Object.assign(window, {
    held,
    setTimeout(run: () => void, ms?: number, ...args: unknown[]): number {
      if (ms !== heldMs) return start(run, ms, ...args);
      // The longest delay: only the id is used.
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

/** Fires the held timers. Returns false when there is none. Runs in the page. */
function fireHeldTimers(): boolean {
  const { held } = window as unknown as TimerHold;
  const all = [...held.values()];
  held.clear();
  for (const run of all) run();
  return all.length > 0;
}
