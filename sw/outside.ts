import type { Notice } from '../src/shared/messages.ts';
import type { Exclusive, Tabs } from './world.ts';

/** The open windows of this origin, also those that another or no worker controls. */
export function tabsOf(clients: Clients): Tabs {
  const windows = () => clients.matchAll({ type: 'window', includeUncontrolled: true });
  return {
    async post(notice: Notice) {
      for (const client of await windows()) client.postMessage(notice);
    },
    async count() {
      return (await windows()).length;
    },
  };
}

/** Web Locks: a killed worker's lock is free some ms later, so nothing is ever left locked. */
export function locksOf(locks: LockManager): Exclusive {
  return async (name, signal, work) => {
    // The signal may only end the waiting: one that fires while the work goes on is not the lock's business.
    return locks.request(name, signal ? { signal } : {}, work);
  };
}

/** From here on a browser says no more than that the link is fast (Chromium caps it), in Mbit/s. */
const FAST_MBITS = 10;

/**
 * What the browser takes the link for, in bytes per second.
 *
 * @see https://wicg.github.io/netinfo/#downlink-attribute
 */
export function downlinkOf(navigator: WorkerNavigator): number | null {
  const { connection } = navigator as { connection?: { downlink?: number } };
  const mbits = connection?.downlink;
  return mbits !== undefined && mbits > 0 && mbits < FAST_MBITS ? mbits * 125_000 : null;
}
