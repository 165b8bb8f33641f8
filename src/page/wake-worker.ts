import { getNetworkInformation } from '../shared/network-information.ts';

/**
 * Engines without Background Sync wake the worker by this timer alone, and Firefox gives each event
 * 60 s: the next message comes before the worker stops. The timer is slow, because it also runs in
 * engines that do not need it.
 */
const TIMER_MS = 20_000;

/** The callbacks that keep the worker of a page running. */
export interface WakeCallbacks {
  /** Runs every `TIMER_MS` while the page is open. */
  onTimer(): void;
  /** Runs when the page starts, becomes visible, goes online or changes its network. */
  wake(): void;
  /** Runs when the page is being closed, which ends its tasks. */
  wakeNow(): void;
}

/** Wakes the worker by page and network events. */
export function wakeWorker({ onTimer, wake, wakeNow }: WakeCallbacks, signal: AbortSignal): void {
  const wakeIfVisible = () => document.visibilityState === 'visible' && wake();
  addEventListener('online', wake, { signal });
  getNetworkInformation()?.addEventListener('change', wake, { signal });
  addEventListener('pagehide', wakeNow, { signal });
  document.addEventListener('visibilitychange', wakeIfVisible, { signal });
  const timer = setInterval(onTimer, TIMER_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  wake();
}
