import { parseDeepLink } from '../../page/index.ts';

/** How the installed app was opened while it was open already, or just before it was. */
export interface Launch {
  readonly files?: readonly FileSystemFileHandle[];
  readonly targetURL?: string;
}

interface LaunchQueue {
  setConsumer(consumer: (launch: Launch) => void): void;
}

/** Calls back each time the system opens the installed app, with files or at an address; lib.dom does not know the queue they come in. */
export function onLaunch(listener: (launch: Launch) => void): void {
  const { launchQueue } = window as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(listener);
}

/** The upload at which this page was opened, or null; told once, because a reload is no new wish. */
export function takeDeepLink(): string | null {
  const id = parseDeepLink(location.href);
  if (id !== null) history.replaceState(null, '', location.pathname + location.hash);
  return id;
}

/** Whether an address is that of the shortcut to adding files. */
export function isAddShortcut(address: string): boolean {
  return new URL(address, location.href).searchParams.has('add');
}
