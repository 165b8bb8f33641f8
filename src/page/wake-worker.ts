import { getNetworkInformation } from '../shared/network-information.ts';

/**
 * Engines without Background Sync have no other alarm, and Firefox gives each event of the worker 60 s: this is often enough
 * for it to be woken again before it stops. Slow, because it also runs where nothing needs it.
 */
const TIMER_MS = 20_000;

/** What a page calls to keep its worker going. */
export interface WakeCallbacks {
  /** Slowly, for as long as the page is open. */
  onTimer(): void;
  /** When the page starts, shows, goes online or gets another network. */
  wake(): void;
  /** When the page goes away: what it does not do in this turn it never does. */
  wakeNow(): void;
}

/** Wakes the worker whenever there is a reason to. */
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
