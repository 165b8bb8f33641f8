import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from '../../.ci/chromium.mjs.mts';

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

/**
 * Starts Chromium on a profile of its own. The driver is attached to pages and workers, which switches the worker's time
 * limits off: what these tests show is what happens, never for how long a worker lives.
 */
export async function launchChromium(profile: string, args: readonly string[] = []): Promise<BrowserContext> {
  const executablePath = await findChromium();
  if (executablePath === null)
    throw new Error('No Chromium found: set CHROME_PATH, or run `node .ci/prepare.mjs browser`.');
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...CHROMIUM_ARGS, ...args],
    acceptDownloads: true,
  });
}
