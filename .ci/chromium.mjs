import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The Chromium to test with: `CHROME_PATH` and nothing else where it is set, otherwise one in a usual place, otherwise
 * the one playwright-core has downloaded before.
 *
 * @returns {string}
 * @throws {Error} when there is none: says where it looked and what to do
 */
export function findChromium() {
  const places = process.env.CHROME_PATH ? [process.env.CHROME_PATH] : [...USUAL, downloadedChromium()];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    `No Chromium found. Looked at:\n${places.map((path) => `  ${path}`).join('\n')}\n` +
      'Run `node .ci/prepare.mjs browser` to install one, or set CHROME_PATH to the one you have.',
  );
}

function downloadedChromium() {
  // Not a static import: the path is asked for only once the packages are there.
  return createRequire(import.meta.url)('playwright-core').chromium.executablePath();
}
