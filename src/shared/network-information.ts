/**
 * The network of the browser; lib.dom does not declare it
 * (https://wicg.github.io/netinfo/#networkinformation-interface).
 */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** The network information of page and worker; null in browsers without it. */
export function getNetworkInformation(): NetworkInformation | null {
  return (navigator as { connection?: NetworkInformation }).connection ?? null;
}

/** Whether this browser distinguishes cellular networks. Browsers on desktops mostly do not. */
export function canDetectCellular(): boolean {
  return getNetworkInformation()?.type !== undefined;
}

/** Whether the browser reports the current network as cellular. */
export function isOnCellular(): boolean {
  return getNetworkInformation()?.type === 'cellular';
}
