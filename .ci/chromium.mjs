import { existsSync } from 'node:fs';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The Chromium to test with: `CHROME_PATH`, a usual place, or the one playwright-core has downloaded before.
 *
 * @returns {Promise<string | null>} null when there is none
 */
export async function findChromium() {
  const { chromium } = await import('playwright-core');
  const places = [process.env.CHROME_PATH, ...USUAL, chromium.executablePath()];
  return places.find((path) => path && existsSync(path)) ?? null;
}
