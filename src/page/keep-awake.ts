/**
 * Engines without Background Sync have no other alarm, and Firefox gives each event of the worker 60 s: this is often enough
 * for it to be woken again before it stops. Slow, because it also runs where nothing needs it.
 */
const EVERY_MS = 20_000;

/** Wakes the worker when the page starts, shows, goes online or goes away; `onTimer` is called slowly for as long as it is open. */
export function keepAwake(onTimer: () => Promise<void>, wake: () => void, signal: AbortSignal): void {
  const wakeIfVisible = () => document.visibilityState === 'visible' && wake();
  addEventListener('online', wake, { signal });
  addEventListener('pagehide', wake, { signal });
  document.addEventListener('visibilitychange', wakeIfVisible, { signal });
  const timer = setInterval(() => void onTimer(), EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  wake();
}
