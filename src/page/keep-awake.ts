import type { Bridge } from './bridge.ts';

/** Engines without Background Sync, and workers that are given only 60 s, are kept going by this. */
const WAKE_EVERY_MS = 20_000;

/** Wakes the worker when the page starts, shows, goes online or goes away, and slowly while uploads are left. */
export function keepAwake(bridge: Bridge, isBusy: () => boolean, signal: AbortSignal): void {
  const wake = () => void bridge.send({ type: 'wake' }).catch(() => undefined);
  const wakeIfVisible = () => document.visibilityState === 'visible' && wake();
  addEventListener('online', wake, { signal });
  addEventListener('pagehide', wake, { signal });
  document.addEventListener('visibilitychange', wakeIfVisible, { signal });
  const timer = setInterval(() => isBusy() && wake(), WAKE_EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  wake();
}
