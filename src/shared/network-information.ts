/** The network behind the browser; lib.dom does not know it (https://wicg.github.io/netinfo/#networkinformation-interface). */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** What page and worker are told of the network; null where the browser tells nothing. */
export function getNetworkInformation(): NetworkInformation | null {
  return (navigator as { connection?: NetworkInformation }).connection ?? null;
}

/** Whether this browser tells mobile data from other networks at all: on a desktop it mostly does not. */
export function canDetectCellular(): boolean {
  return getNetworkInformation()?.type !== undefined;
}

/** Whether the network there is now is mobile data, as far as the browser tells. */
export function isOnCellular(): boolean {
  return getNetworkInformation()?.type === 'cellular';
}
