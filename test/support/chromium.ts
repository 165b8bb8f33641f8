import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from '../../.ci/chromium.mjs';

export { findChromium };

/** Flags for a container: no sandbox as root, no GPU, and nothing that talks to anybody by itself. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `profile` is a folder: the same one again is the same browser, started anew. Without it, a fresh one. */
export interface LaunchOptions {
  readonly profile?: string;
  readonly args?: readonly string[];
}

/**
 * Starts Chromium on a profile of its own. The driver is attached to pages and workers, which switches the worker's time
 * limits off: what these tests show is what happens, never for how long a worker lives.
 *
 * @throws {Error} when no Chromium can be found: says where it looked
 */
export function launchChromium({ profile = '', args = [] }: LaunchOptions = {}): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    // A full Chromium, not the old headless shell, which has no service worker worth testing.
    args: ['--headless=new', ...CHROMIUM_ARGS, ...args],
    acceptDownloads: true,
  });
}
