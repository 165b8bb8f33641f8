import { parseDeepLink } from '../../page/index.ts';

/** How the system opened the installed app; lib.dom does not declare the launch queue. */
export interface Launch {
  readonly files?: readonly FileSystemFileHandle[];
  readonly targetURL?: string;
}

interface LaunchQueue {
  setConsumer(consumer: (launch: Launch) => void): void;
}

/**
 * Calls the listener each time the system opens the installed app with files or a URL, also before
 * this call.
 */
export function onLaunch(listener: (launch: Launch) => void): void {
  const { launchQueue } = window as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(listener);
}

/**
 * The id of the upload in the URL, which this call removes, so that a reload does not open the
 * upload again.
 */
export function takeDeepLink(): string | null {
  const id = parseDeepLink(location.href);
  if (id !== null) history.replaceState(null, '', location.pathname + location.hash);
  return id;
}

/** Whether a URL says what became of a share. */
export function isShareResult(url: string): boolean {
  return new URL(url, location.href).searchParams.has('share');
}

/** Whether a URL is the app shortcut "Add files". */
export function isAddShortcut(url: string): boolean {
  return new URL(url, location.href).searchParams.has('add');
}
