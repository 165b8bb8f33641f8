import type { Notice } from '../../src/shared/messages.ts';
import type { RunExclusive, Tabs } from './ports.ts';

/**
 * Estimates above this are not used: Chromium 156 reports 1.3 to 1.6 Mbit/s for a connection it has
 * not measured.
 */
const SLOW_LINK_MBITS = 1;
const BYTES_PER_MBIT = 125_000;

/** All windows of this origin, including those that another worker or none controls. */
export function createTabs(clients: Clients): Tabs {
  const matchWindows = () => clients.matchAll({ type: 'window', includeUncontrolled: true });
  return {
    async post(notice: Notice) {
      for (const client of await matchWindows()) client.postMessage(notice);
    },
    async count() {
      return (await matchWindows()).length;
    },
    async hasVisible() {
      return (await matchWindows()).some(({ visibilityState }) => visibilityState === 'visible');
    },
  };
}

/** Uses Web Locks, which the browser releases some milliseconds after it has killed the worker. */
export function createRunExclusive(locks: LockManager): RunExclusive {
  // The signal ends only the wait for the lock, not the work that holds it.
  return async (name, signal, work) => locks.request(name, signal ? { signal } : {}, work);
}

/**
 * The browser's estimate of a slow connection in bytes per second; null for a fast or unknown one.
 *
 * @see https://wicg.github.io/netinfo/#downlink-attribute
 */
export function getSlowDownlink(navigator: WorkerNavigator): number | null {
  const { connection } = navigator as { connection?: { downlink?: number } };
  const mbits = connection?.downlink;
  return mbits !== undefined && mbits > 0 && mbits < SLOW_LINK_MBITS ? mbits * BYTES_PER_MBIT : null;
}
