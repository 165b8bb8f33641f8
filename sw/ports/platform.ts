import type { Notice } from '../../src/shared/messages.ts';
import type { RunExclusive, Tabs } from './ports.ts';

/** The open windows of this origin, also those that another or no worker controls. */
export function createTabs(clients: Clients): Tabs {
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
export function createRunExclusive(locks: LockManager): RunExclusive {
  return async (name, signal, work) => {
    // The signal may only end the waiting: one that fires while the work goes on is not the lock's business.
    return locks.request(name, signal ? { signal } : {}, work);
  };
}

/** Above this a browser's word says little: Chromium 156 takes a link it has not used yet for one of 1.3 to 1.6 Mbit/s. */
const SLOW_LINK_MBITS = 1;

/**
 * What the browser takes a slow link for, in bytes per second; null for any other.
 *
 * @see https://wicg.github.io/netinfo/#downlink-attribute
 */
export function getSlowDownlink(navigator: WorkerNavigator): number | null {
  const { connection } = navigator as { connection?: { downlink?: number } };
  const mbits = connection?.downlink;
  return mbits !== undefined && mbits > 0 && mbits < SLOW_LINK_MBITS ? mbits * 125_000 : null;
}
