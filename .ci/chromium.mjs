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
 * Finds the Chromium to test with: only `CHROME_PATH` where it is set, otherwise one in a usual
 * place or the one that playwright-core downloaded.
 *
 * @returns {string}
 * @throws {Error} with the paths that were tried, when there is none
 */
export function findChromium() {
  const places = process.env.CHROME_PATH ? [process.env.CHROME_PATH] : [...USUAL, downloadedChromium()];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    `No Chromium found. Tried:\n${places.map((path) => `  ${path}`).join('\n')}\n` +
      'Run `node .ci/prepare.mjs browser` to install one, or set CHROME_PATH to the one you have.',
  );
}

function downloadedChromium() {
  // No static import, because the package may not be installed yet.
  return createRequire(import.meta.url)('playwright-core').chromium.executablePath();
}
